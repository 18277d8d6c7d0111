"""Fills an empty ledger with a made-up station, through real workbooks and the real importer.

Safe to kill and run again: what is done is found done. The spec is written down first, each import leaves its batch,
and a last line of the audit says that all of it is there.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from bookedbiz.errors import Refused
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.request import ImportRequest
from bookedbiz.moments import utc_text
from bookedbiz.months import station_day
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.sample.accounts import enter_accounts
from bookedbiz.sample.directory import enter_names
from bookedbiz.sample.history import lay_history
from bookedbiz.sample.plan import USUAL, Part, SampleSpec, parts_of, world_of
from bookedbiz.sample.planning import enter_plans
from bookedbiz.sample.world import Size
from bookedbiz.sample.writing import write_book
from bookedbiz.users import FIRST_ADMIN, NewUser, Role, create_user, find_user_by_email
from station_kit.environment import Secret
from station_kit.sqlitefile import transaction

ACTOR = "sample"
_BEGUN, _FINISHED = "sample_begun", "sample_finished"

Say = Callable[[str], None]


@dataclass(frozen=True)
class SampleRequest:
    """How large a sample, from which seed, and when."""

    spots: int
    seed: int
    now: datetime
    dirt: int = 1
    size: Size = USUAL


@dataclass(frozen=True)
class Filled:
    """What is in the ledger now. `imports` 0: it was all there before."""

    spots: int
    imports: int


def fill(db: sqlite3.Connection, request: SampleRequest, data_path: Path, password: Secret | None, say: Say) -> Filled:
    """Write the workbooks, import them, make the first admin. Refused when the ledger holds anything else."""
    by = By(ACTOR, utc_text(request.now))
    if _audited(db, _FINISHED):
        return Filled(_spots(db), 0)
    spec = _begin(db, request, by)
    if password is not None and find_user_by_email(db, FIRST_ADMIN) is None:
        with transaction(db):
            create_user(db, NewUser(FIRST_ADMIN, Role.ADMIN, "First", "Admin", password), by)
        say(f"First admin {FIRST_ADMIN} made")
    with transaction(db):
        enter_names(db, world_of(spec), spec.size, by)
    done = 0
    for part in parts_of(spec):
        done += _import_part(db, part, request, data_path, say)
    with transaction(db):
        enter_plans(db, spec, by)
        lay_history(db, spec)
        enter_accounts(db, spec, by)
        write_audit(db, by, Deed(_FINISHED, ACTOR, None, str(_spots(db))))
    return Filled(_spots(db), done)


def begun_sample(db: sqlite3.Connection) -> SampleSpec | None:
    """The spec of the sample that this ledger holds, or begins to; None when the ledger is real."""
    begun = _audited(db, _BEGUN)
    if begun is None:
        return None
    stored = json.loads(begun)
    size = Size(**stored.get("size", {}))
    return SampleSpec(stored["spots"], stored["seed"], date.fromisoformat(stored["today"]), stored["dirt"], size)


def _begin(db: sqlite3.Connection, request: SampleRequest, by: By) -> SampleSpec:
    """The spec of a sample that was begun before, else of this one."""
    begun = begun_sample(db)
    if begun is not None:
        return begun
    if db.execute("SELECT 1 FROM batch UNION ALL SELECT 1 FROM spot UNION ALL SELECT 1 FROM customer").fetchone():
        raise Refused(
            "No sample made: the ledger is not empty", "Point DATABASE_PATH to a file that does not exist yet"
        )
    spec = SampleSpec(request.spots, request.seed, station_day(request.now), request.dirt, request.size)
    told = asdict(spec) | {"today": spec.today.isoformat()}
    with transaction(db):
        write_audit(db, by, Deed(_BEGUN, ACTOR, None, json.dumps(told)))
    return spec


def _import_part(db: sqlite3.Connection, part: Part, request: SampleRequest, data_path: Path, say: Say) -> int:
    """How many imports it took: 0 when the part's batch is there already."""
    path = data_path / "raw" / part.path
    known = db.execute(
        "SELECT 1 FROM batch WHERE file_name = ? AND imported_by = ? AND status = 'completed'", (path.name, ACTOR)
    ).fetchone()
    if known:
        return 0
    say(f"Writing {path.name} …")
    write_book(part.book(), path)
    months = frozenset(part.months) if part.mode.value == "HISTORICAL" else frozenset[int]()
    report = import_workbook(db, ImportRequest(path, ACTOR, request.now, part.mode, months=months), data_path)
    say(f"Imported {path.name}: {report.rows_stored:,} spots in {report.took_s:.1f} s")
    return 1


def _audited(db: sqlite3.Connection, action: str) -> str | None:
    row = db.execute("SELECT new FROM audit WHERE action = ? ORDER BY id DESC LIMIT 1", (action,)).fetchone()
    return str(row[0]) if row else None


def _spots(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM spot").fetchone()[0])
