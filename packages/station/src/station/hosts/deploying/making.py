"""From what was fetched to a release that is whole: code, environment, import check, record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from station.durable import durable_write
from station.errors import Refused, StationError
from station.hosts.deploying import sweeping
from station.hosts.deploying.code import edited, remember, unpack
from station.hosts.deploying.environment import Builder, own_bytes
from station.hosts.deploying.importcheck import check_imports
from station.hosts.deploying.origin import Fetched
from station.hosts.deploying.release import (
    Release,
    code_of,
    current,
    read,
    records,
    told_of,
    venv_of,
    write,
)
from station.hosts.deploying.words import Tell, size, step
from station.hosts.rendering.place import Place
from station.hosts.switching.faults import reached


@dataclass(frozen=True)
class Making:
    """Makes releases of an app, or finds those that were made. `who` deploys; `now` is when."""

    place: Place
    builder: Builder
    who: str
    now: datetime
    tell: Tell

    def found(self, fetched: Fetched) -> Release | None:
        """The newest release that was made of the very same, as it was made.

        Refused when somebody has edited its code since: it is neither what was asked for nor to be thrown away.
        """
        for release_id in reversed(list(self._made_of(fetched.id))):
            release = read(self.place.host, self.place.app.name, release_id)
            if release is None or self._recipe(release_id) != fetched.recipe:
                continue
            if change := edited(self.place.host, release):
                raise Refused(
                    f"Release {release.id} is there already, and its code was edited: {change.words}",
                    f"--fresh makes it anew beside this one. Commit what was edited in {release.code} to keep it",
                )
            return release
        return None

    def make(self, fetched: Fetched) -> Release:
        """Make it. StationError with the reason; then it is no release, and the next run removes what is there."""
        host, app = self.place.host, self.place.app.name
        release_id = self._free_name(fetched.id)
        sweeping.begin(host, app, release_id)
        reached("begun")
        code, venv = code_of(host, app, release_id), venv_of(host, app, release_id)
        try:
            with step("code", self.tell) as said:
                said.append(f"{unpack(self.place, fetched.packed, release_id)} files in {code}")
            reached("unpacked")
            with step("environment", self.tell) as said:
                self._environment(release_id, fetched)
                said.append(f"{venv}, {size(own_bytes(venv))} of its own")
            remember(host, app, release_id)
            reached("built")
            release = Release(release_id, app, code, venv, fetched.commit, fetched.source, self.now, self.who)
            self.check(release)
            reached("checked")
            sweeping.to_disk(self.place)
            write(host, release, recipe=fetched.recipe)
        except StationError:
            sweeping.sweep(host, app)
            raise
        reached("recorded")
        sweeping.finish(self.place, release_id)
        return release

    def check(self, release: Release) -> None:
        """Import it as its user would. StationError with the end of the traceback."""
        with step("import check", self.tell) as said:
            is_first = current(self.place.host, self.place.app.name) is None
            names = check_imports(self.place, release, is_first=is_first)
            said.append(f"{', '.join(names) or 'nothing to import'}, as {self.place.app.account}")

    def _environment(self, release_id: str, fetched: Fetched) -> None:
        code = code_of(self.place.host, self.place.app.name, release_id)
        source = fetched.settings
        wanted = fetched.requirements
        if wanted is None and not self.builder.is_locked(code, source):
            wanted = self.builder.requirements(code, source)
        if wanted is not None:
            kept = records(self.place.host, self.place.app.name) / f"{release_id}.requirements.txt"
            durable_write(kept, wanted.text.encode())
        self.builder.make(release_id, source, wanted)

    def _made_of(self, wanted: str) -> Iterator[str]:
        """`ID`, `ID-2`, `ID-3`, … as far as there is anything of that name."""
        number = 1
        while self._is_taken(name := wanted if number == 1 else f"{wanted}-{number}"):
            yield name
            number += 1

    def _free_name(self, wanted: str) -> str:
        taken = len(list(self._made_of(wanted)))
        return f"{wanted}-{taken + 1}" if taken else wanted

    def _is_taken(self, name: str) -> bool:
        host, app = self.place.host, self.place.app.name
        return code_of(host, app, name).exists() or venv_of(host, app, name).exists()

    def _recipe(self, release_id: str) -> str:
        return str(told_of(self.place.host, self.place.app.name, release_id).get("recipe", ""))
