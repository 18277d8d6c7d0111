"""One reading of the database for every store that is due: each gets the pages it lacks, and each page is read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from station.points.aside import Shadows
from station.points.objects import BaseSpool, ChangeSpool, DeltaSpool, change_spool
from station.points.pagetable import Known, Step
from station.points.pending import rows_of
from station.points.point import Point
from station.points.target import Origin, Target
from station.sqlite.follow import Moment
from station.sqlite.hashes import Pages, page_hash
from station.sqlite.scan import Snapshot
from station.stores.cipher import cipher_of


@dataclass(frozen=True)
class Draft:
    """The next point of one store while it is being written. `before` None: a full copy."""

    target: Target
    before: Known | None
    chain: str
    seq: int
    taken_at: datetime
    spool: BaseSpool | ChangeSpool | DeltaSpool

    def lacks(self, number: int, found: bytes) -> bool:
        """Whether the store has not a page of that number with that hash."""
        return self.before is None or self.before.pages.hash_of(number) != found


def draft(
    target: Target, snapshot: Snapshot, epoch: int, now: datetime, *, full: bool, shadows: Shadows | None
) -> Draft:
    """Begin the target's next point. StoreError when the store's key cannot be used; OSError."""
    before = None if full else target.base_of_change(epoch, snapshot.page_size, snapshot.page_count, now)
    chain, seq, taken_at = target.place(before, epoch, now)
    path, cipher = target.outbox.incoming, cipher_of(target.store)
    if before is None:
        return Draft(target, None, chain, 0, taken_at, BaseSpool(path, snapshot.page_size, snapshot.page_count, cipher))
    name = f"{chain}/{seq:06d}"
    old = shadows.old(target.name, before.pages) if shadows else None
    spool = change_spool(path, before.pages, name, old=old, cipher=cipher)
    return Draft(target, before, chain, seq, taken_at, spool)


def gather(snapshot: Snapshot, drafts: Sequence[Draft], moment: Moment | None, shadows: Shadows | None) -> Pages:
    """Write to every draft the pages that it lacks. Without a `moment`, or for a full copy, all of them are read.

    LogOvertaken when the moment passed while it was read; then the drafts are worth nothing.
    """
    changes = [draft.before.pages for draft in drafts if draft.before is not None]
    if moment is not None and len(changes) == len(drafts):
        if drafts:
            _pick(moment, drafts, [moment.pages.differing(before.hashes) for before in changes])
        return moment.pages
    copies = len(drafts) - len(changes)
    keeping = shadows if copies and shadows and _has_room(shadows, snapshot.page_count) else None

    def hand(number: int, page: bytes) -> None:
        found = page_hash(page, number)
        for each in drafts:
            if each.lacks(number, found):
                each.spool.add(number, page)
        if keeping is not None and keeping.shadow.page(number, found) is None:
            keeping.put(number, page)

    alone = len(drafts) == 1 and keeping is None
    known = b"" if copies or not changes else _known_to_all(changes)
    return snapshot.scan(drafts[0].spool.add if alone else hand if drafts else None, known)


def seal(written: Draft, pages: Pages, epoch: int, origin: Origin) -> None:
    """Make the point of it and hand it to its target to be sent; nothing when no page differs. StoreError, OSError."""
    spool, before = written.spool, written.before
    object_bytes, object_sha256 = spool.seal(pages.page_count)
    point = Point(
        app=origin.identity.app,
        database=origin.identity.database,
        chain=written.chain,
        seq=written.seq,
        epoch=epoch,
        host=origin.host,
        taken_at=written.taken_at,
        page_size=pages.page_size,
        page_count=pages.page_count,
        changed_pages=spool.pages,
        digest=pages.digest,
        object_bytes=object_bytes,
        object_sha256=object_sha256,
        encoding=spool.encoding,
        key=spool.key,
    )
    after = Known(point, pages, before.changed_since_base + spool.pages if before else 0)
    step = Step(before.point, np.array(pages.differing(before.pages.hashes), np.uint32)) if before else None
    written.target.seal(spool.path, after, step)


def refresh(shadows: Shadows, drafts: Sequence[Draft], page_count: int) -> None:
    """Bring the shadow up to the changes that were sealed; without room for it, do without."""
    shadow = shadows.shadow
    if not shadow.path.exists() and not _has_room(shadows, page_count):
        return
    shadows.mind_room()
    try:
        for each in drafts:
            shadows.leave(each.target.name)
        seen: set[int] = set()
        for each in drafts:
            if isinstance(each.spool, BaseSpool):
                continue  # it went there while it was read
            for number, page in each.spool.changes():
                if number not in seen:
                    seen.add(number)
                    shadows.put(number, page)
        shadow.cut(page_count)
    except OSError:
        shadows.give_up()


def _has_room(shadows: Shadows, page_count: int) -> bool:
    """Whether the shadow can be; one that cannot is removed."""
    if shadows.shadow.has_room(page_count):
        return True
    shadows.give_up()
    return False


def _pick(moment: Moment, drafts: Sequence[Draft], wanted: Sequence[list[int]]) -> None:
    """Read these pages: in ascending order from 2, and page 1 last, as a scan does."""
    lacking = [set(numbers) for numbers in wanted]
    for number in sorted(set().union(*lacking), key=lambda number: (number == 1, number)):
        page = moment.page(number)
        for each, lacks in zip(drafts, lacking, strict=True):
            if number in lacks:
                each.spool.add(number, page)


def _known_to_all(held: Sequence[Pages]) -> bytes:
    """The hashes of the pages that all of them hold alike; zeros for the others, which no page has."""
    if len(held) == 1:
        return held[0].hashes
    common = min(pages.page_count for pages in held)
    rows = rows_of(held[0])[:common].copy()
    for pages in held[1:]:
        rows[(rows != rows_of(pages)[:common]).any(axis=1)] = 0
    return rows.tobytes()
