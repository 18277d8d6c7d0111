"""Where a host keeps its files: a folder that stands for a machine, or a machine itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Database:
    """A SQLite file in the app's data folder; its path is handed over in the variable `env`.

    `mask`: columns (`table.column`) that a developer's copy has with made-up values, and of which kind these are.
    """

    name: str
    file: str
    env: str
    mask: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class HostPaths:
    """Where a host keeps its files, below its root. Makes none of them; `app`, `unit`, `name` are names, not paths.

    `elsewhere`: data folders that the manifest puts somewhere else, by app.
    """

    root: Path
    is_machine: bool = False
    elsewhere: Mapping[str, Path] = field(default_factory=dict, hash=False)

    def data(self, app: str) -> Path:
        """The app's own folder: databases and files. Handed over as DATA_PATH."""
        return self.elsewhere.get(app) or self.root / "var" / "lib" / app

    def database(self, app: str, database: Database) -> Path:
        return self.data(app) / database.file

    def code(self, app: str) -> Path:
        """Where the app's releases are: `releases/ID` and the link `current`."""
        return self.root / "opt" / "apps" / app

    def venv(self, app: str) -> Path:
        """Where the virtual environments of its releases are: `ID` and the link `current`."""
        return self.root / "opt" / "venvs" / app

    def environment(self, app: str) -> Path:
        """The file with the variables of the app's processes."""
        return self.root / "etc" / app / f"{app}.env"

    def credentials(self, app: str) -> Path:
        """The app's secrets, one file each. Handed over as CREDENTIALS_DIRECTORY."""
        return self.root / "etc" / app / "credentials"

    def state(self, app: str) -> Path:
        """What the platform keeps about the app: role, page hashes, outbox, mirror, divergence."""
        return self.root / "var" / "lib" / "station" / app

    @property
    def logs(self) -> Path:
        """On a machine the platform's own folder; what a unit prints is in the journal there."""
        return self.root / "var" / "log" / ("station" if self.is_machine else "")

    def log(self, unit: str) -> Path:
        return self.logs / f"{unit}.log"

    @property
    def events(self) -> Path:
        """What happened on the host, one JSON line each."""
        return self.logs / "events.jsonl"

    @property
    def run(self) -> Path:
        return self.root / "run" / ("station" if self.is_machine else "")

    @property
    def socket(self) -> Path:
        return self.run / "agent.sock"

    @property
    def status_file(self) -> Path:
        return self.run / "status.json"

    @property
    def start_hint(self) -> str:
        """What to do when its agent does not answer."""
        if self.is_machine:
            return "There, `systemctl status station-agent` says why; `systemctl restart station-agent` starts it"
        return "Start the fleet with `station up`"

    def lock(self, name: str) -> Path:
        return self.run / f"{name}.lock"
