#!/usr/bin/env python3
"""Restores the database of this folder with Python 3, the program `zstd`, and `age` where the objects are encrypted.

    python3 restore.py TARGET.db                    the newest point
    python3 restore.py TARGET.db 12                 the point with that number
    python3 restore.py TARGET.db 12 --key FILE      FILE holds the AGE-SECRET-KEY-1... lines

base.db.zst is a whole SQLite database. What changed since is in NNNNNN.wal.zst, a SQLite write-ahead log, or in
NNNNNN.delta, the difference to the pages that were there before. NNNNNN.json is the record: a change without one does
not count. Nothing else is needed, and nothing is written but TARGET.db.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

SUFFIXES = {"plain": ".wal.zst", "delta": ".delta"}  # of a change's file, by its encoding


class Damaged(Exception):
    """This change cannot be used; the database stays at the point before it."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Restore the database of this folder.")
    parser.add_argument("target", type=Path)
    parser.add_argument("number", type=int, nargs="?")
    parser.add_argument("--key", type=Path, help="the key file of age, for objects that are encrypted")
    given = parser.parse_args()
    for suffix in ("", "-wal", "-shm", "-journal"):
        if Path(str(given.target) + suffix).exists():
            return say(f"{given.target}{suffix} exists already: not touched", sys.stderr)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=given.target.absolute().parent) as scratch:
        database = Path(scratch) / "database"
        reached, why = restore(Path(__file__).absolute().parent, given.number, given.key, database)
        if reached is None:
            return say(f"Nothing restored: {why}", sys.stderr)
        database.rename(given.target)
    say(integrity(given.target), sys.stdout)
    say(f"{given.target} is the point {reached['seq']:06d}, taken at {reached['taken_at']}", sys.stdout)
    return say(f"Stopped there: {why}", sys.stderr) if why else 0


def restore(folder: Path, last: int | None, key: Path | None, database: Path) -> tuple[Any, str]:
    """The record of the point that was reached, None if none was; and why it is not the one asked for, "" if it is."""
    recorded = [int(file.stem) for file in folder.glob("[0-9]*.json")]
    if last is None:
        last = max(recorded, default=0)
    reached = None
    for number in range(last + 1):
        try:
            record = read_record(folder / f"{number:06d}.json", number)
            apply(record, clear(record, folder, key, database.parent), database)
        except Damaged as why:
            return reached, str(why)
        reached = record
    return reached, ""


def read_record(file: Path, number: int) -> Any:
    """The record of the point with that number."""
    try:
        record = json.loads(file.read_bytes())
        if record["seq"] != number or record.get("encoding", "plain") not in SUFFIXES:
            raise ValueError("it is of another point, or newer than this script")
        return record
    except FileNotFoundError as why:
        raise Damaged(f"there is no record {file.name}") from why
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise Damaged(f"the record {file.name} cannot be read: {why}") from why


def clear(record: Any, folder: Path, key: Path | None, scratch: Path) -> Path:
    """The point's object, checked, and decrypted if need be."""
    name = "base.db.zst"
    if record["seq"]:
        name = f"{record['seq']:06d}" + SUFFIXES[record.get("encoding", "plain")]
    stored = folder / (name + (".age" if record.get("key") else ""))
    if not stored.exists():
        raise Damaged(f"{stored.name} is missing")
    sha256 = hashlib.sha256()
    with stored.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha256.update(block)
    if stored.stat().st_size != record["object_bytes"] or sha256.hexdigest() != record["object_sha256"]:
        raise Damaged(f"{stored.name} is damaged: it is not the file that its record names")
    if not record.get("key"):
        return stored
    if key is None:
        raise Damaged(f"{stored.name} is encrypted to {record['key']}: say --key FILE")
    with (scratch / "clear").open("wb") as file:
        run(["age", "--decrypt", "--identity", str(key), str(stored)], file, stored.name)
    return scratch / "clear"


def apply(record: Any, stored: Path, database: Path) -> None:
    """Bring the database from the point before to this one. All its pages are read before one of them is written."""
    size, scratch = record["page_size"], database.parent
    if record["seq"] == 0:
        with database.open("wb") as file:
            run(["zstd", "-d", "-q", "-c", str(stored)], file, stored.name)
        return
    with database.open("r+b") as file, tempfile.TemporaryFile(dir=scratch) as waiting:
        pages = delta(stored, file, scratch) if record.get("encoding") == "delta" else log(stored, scratch)
        numbers = []
        for number, page in pages:
            numbers.append(number)
            waiting.write(page)
        waiting.seek(0)
        for number in numbers:
            file.seek((number - 1) * size)
            file.write(waiting.read(size))
        file.truncate(record["page_count"] * size)
        os.fsync(file.fileno())


def log(stored: Path, scratch: Path) -> Iterator[tuple[int, bytes]]:
    """The pages of a write-ahead log: https://www.sqlite.org/fileformat2.html#walformat"""
    with (scratch / "log").open("w+b") as file:
        run(["zstd", "-d", "-q", "-c", str(stored)], file, stored.name)
        file.seek(0)
        (size,) = struct.unpack(">8xI20x", file.read(32))
        for header in iter(lambda: file.read(24), b""):
            (number,) = struct.unpack(">I20x", header)
            yield number, file.read(size)


def delta(stored: Path, database: BinaryIO, scratch: Path) -> Iterator[tuple[int, bytes]]:
    """The pages of a delta, which needs the database as it was at the point before.

    Header: "CSdelta1", page size (4 bytes, the highest first), 8 bytes that name the log. Then groups: how many pages,
    how long the list is, how long the zstd frame is (4 bytes each); the list; the frame. 0 pages: the end.
    """
    with stored.open("rb") as file:
        (size,) = struct.unpack(">8xI8x", file.read(20))
        while True:
            count, list_bytes, frame_bytes = struct.unpack(">III", file.read(12))
            if count == 0:
                return
            numbers, dictionary = read_list(file.read(list_bytes), count)
            (scratch / "frame").write_bytes(file.read(frame_bytes))
            command = ["zstd", "-d", "-q", "-c", str(scratch / "frame")]
            if dictionary:
                with (scratch / "old").open("wb") as old:
                    for number in dictionary:
                        database.seek((number - 1) * size)
                        old.write(database.read(size))
                command.insert(1, f"--patch-from={scratch / 'old'}")
            with (scratch / "pages").open("w+b") as pages:
                run(command, pages, stored.name)
                pages.seek(0)
                for number in numbers:
                    yield number, pages.read(size)


def read_list(listed: bytes, count: int) -> tuple[list[int], list[int]]:
    """The numbers of a group's pages, and of the old pages that are its dictionary, in that order.

    Each number is written as the difference to the one before it, in groups of seven bits, the lowest first, the top
    bit set in all but the last byte. Lowest bit of the value: the page's own old image is in the dictionary. Next bit:
    the difference is negative. First come `count` pages, then, counted anew from 0, other pages of the dictionary;
    there they come first.
    """
    values: list[int] = []
    value = shift = 0
    for byte in listed:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value = shift = 0
    numbers: list[int] = []
    own: list[int] = []
    others: list[int] = []
    at = 0
    for index, value in enumerate(values):
        if index == count:
            at = 0
        step = value >> 1
        at += -((step + 1) // 2) if step & 1 else step // 2
        (numbers if index < count else others).append(at)
        if index < count and value & 1:
            own.append(at)
    return numbers, others + own


def run(command: list[str], output: BinaryIO, name: str) -> None:
    """Run a program that writes to `output`."""
    try:
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)
    except FileNotFoundError:
        sys.exit(f"The program {command[0]} is needed: apt install {command[0]}")
    if done.returncode:
        raise Damaged(f"{name} cannot be read: {done.stderr.decode(errors='replace').strip()}")


def say(text: str, to: TextIO) -> int:
    to.write(text + "\n")
    return 1


def integrity(database: Path) -> str:
    """What SQLite's own check says."""
    if database.stat().st_size == 0:
        return "ok"
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?immutable=1", uri=True)
    try:
        return "\n".join(row[0] for row in connection.execute("PRAGMA integrity_check"))
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
