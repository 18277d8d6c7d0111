"""The text of the Sales Person column, made comparable. Pure."""

import re

from bookedbiz.names.text import tidy

_TRANSFER = re.compile(r"\s*-\s*transfer$", re.IGNORECASE)


def sales_person_name(raw: str) -> str:
    """The account executive that a cell names: tidy, without the suffix ` - TRANSFER`."""
    return _TRANSFER.sub("", tidy(raw))
