"""Text as it is compared: the one place that decides when two spellings are the same. Pure."""

import unicodedata


def tidy(text: str) -> str:
    """For a person to read: Unicode NFKC, no outer spaces, inner spaces to one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def name_key(text: str) -> str:
    """For comparing: `tidy`, whatever the case."""
    return tidy(text).casefold()
