"""The answer to GET /health: 200 when every check holds, 503 otherwise, and what each of them saw."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from station_kit.errors import KitError
from station_kit.migrations import pending
from station_kit.sources import Source
from station_kit.sqlitefile import open_database

OK = 200
FAILING = 503

Check = Callable[[], str]  # returns what it saw, in a few words; raises when that is not good enough
HealthAnswer = dict[str, object]

_log = logging.getLogger(__name__)


class CheckFailed(KitError):
    """What the check found, in words that may be shown to whoever can reach /health."""


def answer(
    checks: Mapping[str, Check], *, version: str, now: datetime, timer: Callable[[], float] = time.perf_counter
) -> tuple[HealthAnswer, int]:
    """The JSON body and the status code, each check run once and timed (`took_ms`).

    A check that raises fails; only a KitError's message is shown, of anything else the kind (the traceback is logged).
    """
    results: dict[str, dict[str, object]] = {}
    for name, check in checks.items():
        started = timer()
        status, evidence = _run(name, check)
        results[name] = {"status": status, "took_ms": round((timer() - started) * 1000, 1), "evidence": evidence}
    whole = "ok" if all(result["status"] == "ok" for result in results.values()) else "failing"
    at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"status": whole, "version": version, "at": at, "checks": results}, OK if whole == "ok" else FAILING


def database_check(path: Path, source: Source) -> Check:
    """A check that the database can be read and has had all migrations of `source`."""

    def check() -> str:
        with closing(open_database(path, read_only=True)) as db:
            missing = pending(db, source)
            if missing:
                raise CheckFailed(f"The database lacks {missing[0].file_name}")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            tables = db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()[0]
            return f"schema {version}, {tables} tables"

    return check


def _run(name: str, check: Check) -> tuple[str, str]:
    try:
        return "ok", check()
    except KitError as why:
        return "failing", why.message
    except Exception as why:  # noqa: BLE001 -- /health answers whatever happens; the traceback is logged
        _log.exception("health check failed check=%s", name)
        return "failing", type(why).__name__
