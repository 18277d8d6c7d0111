"""What a developer has to do once, before the instance can run: said as commands, and done by himself."""

from dataclasses import dataclass
from pathlib import Path

from station.fleet import App, Dev

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
    inside = f"cd {dev.folder}/{source.folder}" if source and source.folder else f"cd {dev.folder}"
    needs_program = "/" not in program
    return [
        Step("the checkout", f"git clone{branch} {git} {dev.folder}", _is_there(dev.folder)),
        *(
            [
                Step(
                    "its virtual environment, with the pinned packages",
                    f"{inside} && UV_PROJECT_ENVIRONMENT={dev.folder}/.venv {UV} sync --frozen",
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


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
