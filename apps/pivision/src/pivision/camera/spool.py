"""Pictures that wait on the disk while nobody answers: in their order, bounded, and whole after a power cut."""

import os
from dataclasses import dataclass
from pathlib import Path

from pivision.camera.item import Item


@dataclass(frozen=True)
class Limits:
    """How much is kept, and for how long."""

    bytes: int = 200_000_000
    age_s: float = 86_400.0


@dataclass(frozen=True)
class _Kept:
    seq: int
    burst: bool
    bytes: int
    taken_s: float
    path: Path


class Spool:
    """A folder of files, one for each picture. What does not fit any more is dropped: idle ones first, the oldest."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._limits = folder, limits
        for cut in folder.glob("*.new"):
            cut.unlink()
        self._kept = sorted((_read_name(file) for file in folder.glob("*.pic")), key=lambda each: each.seq)
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, item: Item, now_s: float) -> None:
        """Durable when this returns. OSError when the disk takes nothing: the oldest idle pictures make room first."""
        self._make_room(now_s, len(item.jpeg))
        path = self._folder / f"{item.seq:015d}-{'b' if item.burst else 'i'}-{int(item.taken_s)}.pic"
        new = path.with_suffix(".new")
        try:
            with new.open("wb") as file:
                file.write(item.to_bytes())
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        self._sync()
        self._kept.append(_read_name(path))

    def oldest(self) -> Item | None:
        """The next one to send. One that cannot be read is dropped, and the one after it is next."""
        while self._kept:
            try:
                return Item.from_bytes(self._kept[0].path.read_bytes())
            except (OSError, ValueError):
                self._drop(self._kept[0])
        return None

    def remove(self, seq: int) -> None:
        """It arrived, or nobody will ever take it."""
        for each in self._kept[:1] if self._kept and self._kept[0].seq == seq else list(self._kept):
            if each.seq == seq:
                self._kept.remove(each)
                each.path.unlink(missing_ok=True)

    def _make_room(self, now_s: float, more: int) -> None:
        for each in list(self._kept):
            if now_s - each.taken_s > self._limits.age_s:
                self._drop(each)
        total = sum(each.bytes for each in self._kept) + more
        for burst in (False, True):
            for each in [kept for kept in self._kept if kept.burst is burst]:
                if total <= self._limits.bytes:
                    return
                self._drop(each)
                total -= each.bytes

    def _drop(self, each: _Kept) -> None:
        self._kept.remove(each)
        each.path.unlink(missing_ok=True)
        self.dropped += 1

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read_name(path: Path) -> _Kept:
    seq, burst, taken = path.stem.split("-")
    return _Kept(int(seq), burst == "b", path.stat().st_size, float(taken), path)
