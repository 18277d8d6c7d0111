"""Byte code for an environment, so that no start of the app has to make it: `python -I bytecode.py VENV [OTHER]`.

What OTHER has of the very same source file (one file, hard-linked) is linked; only the rest is compiled. Runs as a
file of its own, in the environment's Python, standard library only.
"""

import compileall
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def main() -> None:
    venv, *others = (Path(word) for word in sys.argv[1:])
    for other in others:
        for source, twin in _pairs(venv, other):
            _link(source, twin)
    for packages in venv.glob("lib/python3*/site-packages"):
        compileall.compile_dir(packages, quiet=2, maxlevels=20, workers=1)


def _pairs(venv: Path, other: Path) -> Iterator[tuple[Path, Path]]:
    """A source file of the environment, and the same in the other."""
    for folder, inner, names in os.walk(venv / "lib"):
        if "__pycache__" in inner:
            inner.remove("__pycache__")
        beside = other / Path(folder).relative_to(venv)
        for name in names:
            if name.endswith(".py"):
                yield Path(folder, name), beside / name


def _link(source: Path, twin: Path) -> None:
    """The twin's byte code is right for the source when both are one file: it names size and time of that."""
    with suppress(OSError):
        if not source.samefile(twin):
            return
        compiled = f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        (source.parent / "__pycache__").mkdir(exist_ok=True)
        os.link(twin.parent / "__pycache__" / compiled, source.parent / "__pycache__" / compiled)


if __name__ == "__main__":
    main()
