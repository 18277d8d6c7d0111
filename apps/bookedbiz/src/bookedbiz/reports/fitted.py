"""A named statement without what a question does not ask for: SQLite then joins and compares only what is needed.

Statements are whole and true as they stand in their files; this leaves out what their parameters make void.
"""

import re
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

Parameter = str | int | None

_FILTER: Final = re.compile(r"\bAND \(:(\w+) IS NULL\s+OR\b")
_CHOICE: Final = re.compile(r"CASE :(\w+) ((?:(?!\bCASE\b|\bEND\b).)*) END\b", re.DOTALL)
_WHEN: Final = re.compile(r"WHEN ('[^']*'|\d+) THEN (.*?)\s*(?=WHEN\b|ELSE\b|$)", re.DOTALL)
_JOIN: Final = re.compile(r"^LEFT JOIN (\w+) ON \1\.id = [\w.]+\n", re.MULTILINE)
_ELSE: Final = re.compile(r"ELSE (.*)$", re.DOTALL)


def ask(db: sqlite3.Connection, sql: str, parameters: Mapping[str, Parameter]) -> sqlite3.Cursor:
    """Run the statement, fitted to the parameters."""
    return db.execute(fitted(sql, parameters), parameters)


def fitted(sql: str, parameters: Mapping[str, Parameter]) -> str:
    """The statement for these parameters: the same answer as the whole one's.

    `AND (:name IS NULL OR …)` goes where the parameter is None, and of `CASE :name WHEN … END` the branch stays that
    the parameter chooses. `LEFT JOIN name ON name.id = …` goes where nothing is left that uses it.
    """
    chosen = {name: parameters[name] for name in _named_choices(sql) if name in parameters}
    void = frozenset(name for name, value in parameters.items() if value is None)
    return _fitted(sql, void, tuple(sorted(chosen.items())))


@lru_cache(maxsize=256)
def _fitted(sql: str, void: frozenset[str], chosen: tuple[tuple[str, Parameter], ...]) -> str:
    for name, value in chosen:
        sql = _CHOICE.sub(lambda case, name=name, value=value: _branch(case, name, value), sql)  # type: ignore[misc]
    parts, at = [], 0
    for condition in _FILTER.finditer(sql):
        if condition[1] in void and condition.start() >= at:
            parts.append(sql[at : condition.start()])
            at = _closing(sql, condition.start() + len("AND (")) + 1
    return _without_idle_joins("".join((*parts, sql[at:])))


def _without_idle_joins(sql: str) -> str:
    """Without the tables whose columns nobody uses: each has at most one line to give, so they change nothing.

    SQLite leaves them out by itself, but not of sums.
    """
    for join in reversed(list(_JOIN.finditer(sql))):
        if len(re.findall(rf"\b{join[1]}\.", sql)) == 1:
            sql = sql[: join.start()] + sql[join.end() :]
    return sql


@lru_cache(maxsize=256)
def _named_choices(sql: str) -> frozenset[str]:
    return frozenset(case[1] for case in _CHOICE.finditer(sql))


def _branch(case: re.Match[str], name: str, value: Parameter) -> str:
    if case[1] != name:
        return case[0]
    for when in _WHEN.finditer(case[2]):
        literal = when[1]
        if literal == (str(int(value)) if isinstance(value, int) else f"'{value}'"):
            return when[2]
    otherwise = _ELSE.search(case[2])
    return otherwise[1] if otherwise else "NULL"


def _closing(sql: str, at: int) -> int:
    """Where the bracket closes inside which `at` is; no text of a statement has brackets in quotes."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        at += 1
    return at - 1
