"""Is what the store holds what the records say? Reads everything; changes nothing."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from station.errors import DamagedObject, StationError
from station.points.catalog import read_catalog, recorded
from station.points.objects import check_object
from station.points.point import DatabaseId, Point
from station.points.restore import restore
from station.sqlite.rows import Checked, check_file
from station.stores.store import Store


@dataclass(frozen=True)
class Finding:
    """What was found about one object, or about one chain that was restored. `problem` is None when it is whole.

    `broken_references` is no problem of the store: the restored database is, page by page, what the live one was.
    """

    key: str
    problem: str | None
    broken_references: int = 0

    @property
    def whole(self) -> bool:
        return self.problem is None


def verify(store: Store, identity: DatabaseId, *, deep: bool = False, scratch: Path | None = None) -> list[Finding]:
    """One finding for every record and object: there, readable, of the right size and SHA-256.

    `deep` restores the newest point of every chain into `scratch` (a temporary folder) and has SQLite check it. That
    reads every object once, and where a chain restores, none of its objects a second time.
    """
    catalog = read_catalog(store, identity)
    restored: dict[str, Finding] = {}
    if deep:
        tips = {point.chain: point for point in sorted(catalog.points, key=lambda point: point.seq)}
        with tempfile.TemporaryDirectory(dir=scratch, prefix="station-verify-") as folder:
            restored = {chain: _restored(store, tip, Path(folder)) for chain, tip in tips.items()}
    proved = {chain for chain, finding in restored.items() if finding.whole}
    findings = [Finding(key, why.message) for key, why in catalog.damaged.items()]
    findings += _gaps(store, identity)
    findings += [
        Finding(point.object_key, None) if point.chain in proved else _object(store, point) for point in catalog.points
    ]
    return findings + list(restored.values())


def _object(store: Store, point: Point) -> Finding:
    try:
        check_object(store, point)
    except DamagedObject as why:
        return Finding(point.object_key, why.message)
    return Finding(point.object_key, None)


def _gaps(store: Store, identity: DatabaseId) -> list[Finding]:
    """A record between two others that is not there: what follows it cannot be restored."""
    findings = []
    for chain, numbers in recorded(store, identity).items():
        for seq in sorted(set(range(numbers[-1])) - set(numbers)):
            key = f"{identity.prefix}{chain}/{seq:06d}.json"
            findings.append(Finding(key, f"The record {key} is missing; the points after it do not restore"))
    return findings


def _restored(store: Store, tip: Point, folder: Path) -> Finding:
    """Integrity, and the foreign keys, of the newest point of a chain."""
    target = folder / "restored.db"
    checked = Checked(None, 0, {})
    try:
        restore(store, tip, target)
        if tip.page_count:
            checked = check_file(target)
        problem = checked.fault
    except StationError as why:
        problem = why.message
    finally:
        target.unlink(missing_ok=True)
    return Finding(tip.folder, problem and f"{tip.name} restored: {problem}", checked.broken_references)
