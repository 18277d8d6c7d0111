"""The shadow that all stores of a database share, and the pages put aside of it for a store that is behind.

STATE/shadow-DATABASE@STORE.db     as the shadow is, with holes; gone as soon as the store's next point is written

The shadow goes with the quickest store. A page that is written over in it, and that the last point of a slower one has,
is put aside first; so that store's next change is written as differences too, and not as whole pages.
"""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from station.points.deltaformat import Old
from station.points.point import DatabaseId
from station.points.shadow import Shadow, shadow_path
from station.sqlite.hashes import Pages


class Shadows:
    """All of them, for one reading of the database (context manager)."""

    def __init__(self, state: Path, identity: DatabaseId, page_size: int) -> None:
        self._state = state
        self._identity = identity
        self.shadow = Shadow(shadow_path(state, identity), page_size)
        self._asides: dict[str, Shadow] = {}
        self._held: dict[str, Pages] = {}
        self._open = ExitStack()
        self._open.enter_context(self.shadow)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def serve(self, store: str, held: Pages) -> None:
        """From now on what that store's last point has is put aside: `held`."""
        aside = self._open.enter_context(Shadow(aside_path(self._state, self._identity, store), self.shadow.page_size))
        self._held[store] = held
        self._asides[store] = aside

    def old(self, store: str, before: Pages) -> Old:
        """The pages as they were when the database had the pages `before`, as far as anything still has them."""
        newest, aside = self.shadow.page, self._asides.get(store)

        def old(number: int) -> bytes | None:
            expected = before.hash_of(number)
            page = newest(number, expected)
            return aside.page(number, expected) if page is None and aside is not None else page

        return old

    def put(self, number: int, page: bytes) -> None:
        """Have the shadow go on with this page."""
        for store, held in self._held.items():
            before = self.shadow.page(number, held.hash_of(number))
            if before is not None:
                self._asides[store].put(number, before)
        self.shadow.put(number, page)

    def mind_room(self) -> None:
        """Put nothing aside on a disk that is nearly full."""
        for aside in self._asides.values():
            if not aside.has_room(0):
                aside.give_up()

    def leave(self, store: str) -> None:
        """The store has a newer point: what was put aside for it is worth nothing any more."""
        self._held.pop(store, None)
        if store in self._asides:
            self._asides[store].give_up()

    def give_up(self) -> None:
        """Remove all of them; from now on there are no old pages."""
        for each in (self.shadow, *self._asides.values()):
            each.give_up()


def aside_path(state: Path, identity: DatabaseId, store: str) -> Path:
    """Where the pages are that were put aside for that store."""
    return state / f"shadow-{identity.database}@{store}.db"


def forget_shadows(state: Path, identity: DatabaseId) -> None:
    """Remove the shadow, and all that was put aside of it."""
    for file in (shadow_path(state, identity), *state.glob(aside_path(state, identity, "*").name)):
        file.unlink(missing_ok=True)
