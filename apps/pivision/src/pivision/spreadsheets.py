"""Text that goes into a table which somebody opens in a spreadsheet. Pure."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: object) -> object:
    """Text that a spreadsheet would run as a formula is quoted."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value
