"""The first page of a SQLite file and the two constants of its format that we need. Pure."""

LOCK_BYTE = 0x40000000  # SQLite locks these bytes, so the page that holds them never carries data
COUNTER = slice(24, 28)
SCHEMA_COOKIE = slice(40, 44)
VALID_FOR = slice(92, 96)
WRITTEN_BY = slice(96, 100)
ONE = (1).to_bytes(4, "big")
FIRST_WITH_WAL = (3_007_000).to_bytes(4, "big")


def lock_page(page_size: int) -> int:
    """The number of the page that SQLite never uses; databases below 1 GiB do not reach it."""
    return LOCK_BYTE // page_size + 1


def as_fresh_copy(page: bytes) -> bytes:
    """Page 1 with the four fields that say who wrote it and how often set to fixed values.

    They differ between two copies of the same content and between versions of SQLite; nothing else does.
    """
    fresh = bytearray(page)
    fresh[COUNTER] = ONE
    fresh[SCHEMA_COOKIE] = ONE
    fresh[VALID_FOR] = ONE
    fresh[WRITTEN_BY] = FIRST_WITH_WAL
    return bytes(fresh)
