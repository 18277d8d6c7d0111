"""Where masked names still stand: in columns that no mask names, notes and titles for example. Only reads."""

from collections.abc import Iterable, Mapping

import apsw

from station.sqlite.madeup import word_list
from station.sqlite.maskplan import quoted

SHORTEST = 6  # letters of a name of one word; a shorter one is found in anything
MOST = 200_000  # names that are looked for
_TABLES = "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'"


class Names:
    """Names as rows of words, to be found inside longer texts whatever their case."""

    def __init__(self) -> None:
        self._known: set[tuple[str, ...]] = set()
        self._longest = 0

    def add(self, text: str) -> None:
        words = tuple(word_list(text))
        if len(self._known) < MOST and sum(map(len, words)) >= SHORTEST:
            self._known.add(words)
            self._longest = max(self._longest, len(words))

    def is_in(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        words = tuple(word_list(text))
        return any(
            words[start:end] in self._known
            for start in range(len(words))
            for end in range(start + 1, min(start + self._longest, len(words)) + 1)
        )


def still_named(db: apsw.Connection, names: Names, masked: Iterable[str]) -> Mapping[str, int]:
    """How many different texts of each column that is not masked name what is, by "table.column"; none is left out."""
    done = set(masked)
    found = {}
    for (table,) in db.execute(_TABLES).fetchall():
        for (column,) in db.execute("select name from pragma_table_info(?)", (table,)).fetchall():
            if f"{table}.{column}" not in done and (count := _count(db, names, str(table), str(column))):
                found[f"{table}.{column}"] = count
    return found


def _count(db: apsw.Connection, names: Names, table: str, column: str) -> int:
    name = quoted(column)
    texts = f"select distinct {name} from {quoted(table)} where typeof({name}) = 'text'"  # noqa: S608 - quoted
    return sum(names.is_in(str(text)) for (text,) in db.execute(texts))
