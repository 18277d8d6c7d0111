"""Whether an app's modules can be imported: `python -P importable.py JSON`, in the environment of a release.

Runs as a file of its own, standard library only. The words tell what to look at: `{"script": NAME}` is a program of the
environment, `{"here": NAME}` a module, which the working directory may hold, `{"file": PATH}` a script.
"""

import importlib
import json
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path


def main() -> None:
    for what in json.loads(sys.argv[1]):
        ((kind, name),) = what.items()
        try:
            _look(kind, name)
        except BaseException as why:  # noqa: BLE001 - whatever the app raises, SystemExit too, is what we came to see
            _tell(why)
            sys.exit(1)


def _look(kind: str, name: str) -> None:
    if kind == "script":
        _script(name)
    elif kind == "file":
        compile(Path(name).read_bytes(), name, "exec")
    else:
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        importlib.import_module(name)


def _script(name: str) -> None:
    for entry in entry_points(group="console_scripts", name=name):
        entry.load()
        return
    if not (Path(sys.prefix) / "bin" / name).exists():
        raise FileNotFoundError(f"the environment has no program {name}")


def _tell(why: BaseException) -> None:
    """The traceback from the app's first line on; all of it when none of the app's own lines is in it."""
    frame = why.__traceback__
    while frame is not None and _is_ours(frame.tb_frame.f_code.co_filename):
        frame = frame.tb_next
    sys.stderr.write("".join(traceback.format_exception(type(why), why, frame)))


def _is_ours(file: str) -> bool:
    """Of this file, or of what Python imports with."""
    return file == __file__ or "importlib" in file


if __name__ == "__main__":
    main()
