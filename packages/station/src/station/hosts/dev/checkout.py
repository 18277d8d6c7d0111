"""What a developer has to do once, before the instance can run: said as commands, and done by himself."""

from dataclasses import dataclass
from pathlib import Path

from station.fleet import App, Dev, Source

UV = "/opt/venvs/station/current/bin/uv"


@dataclass(frozen=True)
class Step:
    """A step with its command, and whether it is done."""

    what: str
    command: str
    is_done: bool


def steps(app: App, dev: Dev) -> list[Step]:
    """All steps in order. What is not to be seen counts as not done."""
    program = app.gate.command[0]
    source = app.source
    git = source.git if source and source.git else "ADDRESS-OF-THE-REPOSITORY"
    branch = f" --branch {source.branch}" if source and source.git else ""
    needs_program = "/" not in program
    return [
        Step("the checkout", f"git clone{branch} {git} {dev.folder}", _is_there(dev.folder)),
        *(
            [
                Step(
                    "its virtual environment, with the pinned packages",
                    _environment(source, dev.folder),
                    _is_there(dev.folder / ".venv" / "bin" / program),
                )
            ]
            if needs_program
            else []
        ),
        Step(
            "a copy of production to work with", f"station dev copy {app.name}", _is_there(dev.folder / ".data/dev.db")
        ),
        Step("the instance", f"station dev start {app.name}", False),
    ]


def _environment(source: Source | None, checkout: Path) -> str:
    """As a release's: from uv.lock, or with the versions of the file that `lock` names. The app is there in place."""
    folder = source.folder if source else ""
    if not source or not source.lock:
        return f"cd {checkout / folder} && UV_PROJECT_ENVIRONMENT={checkout}/.venv {UV} sync --frozen"
    pinned = f"--constraints {source.lock} --editable ./{folder}"
    if _is_there(checkout) and not _is_there(checkout / folder / "pyproject.toml"):
        pinned = f"--requirements {source.lock}"  # it is no project: the file is all there is
    return f"cd {checkout} && {UV} venv .venv && {UV} pip install --python .venv/bin/python {pinned}"


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
