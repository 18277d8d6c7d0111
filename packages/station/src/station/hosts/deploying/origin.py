"""Where a release comes from: the app's repository, a published package, or a bundle that somebody brought along."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from station.errors import StationError
from station.fleet import Source
from station.hosts.deploying.environment import Builder, Wheels
from station.hosts.deploying.git import Mirror
from station.hosts.deploying.release import RELEASE_ID
from station.hosts.deploying.requirements import Requirements
from station.hosts.remote.bundle import Bundle
from station.hosts.remote.bundle import read as read_bundle
from station.hosts.rendering.place import Place

UNPACK_S = 600.0


@dataclass(frozen=True)
class Fetched:
    """A release before it is made, `about` in words. `packed`: the tar file of its code, None for a package.

    `requirements` None: as the code itself says, by the manifest's `settings`. `recipe` tells apart two releases of one
    commit that are not the same.
    """

    id: str
    commit: str
    source: str
    about: str
    packed: Path | None
    requirements: Requirements | None
    settings: Source
    wheels: Wheels
    recipe: str


def package_id(package: str, requirements: str) -> str:
    """The name of a package's release: `NAME-VERSION-` and eight digits of what its environment holds."""
    name, _, version = re.sub(r"\[.*?\]", "", package).replace(" ", "").partition("==")
    return f"{name}-{version}-{hashlib.sha256(requirements.encode()).hexdigest()[:8]}"


def from_git(source: Source, mirror: Mirror, ref: str, folder: Path) -> Fetched:
    """What a branch, tag or commit names; without one the source's branch."""
    commit = mirror.fetch(ref or source.branch)
    packed = folder / "code.tar"
    mirror.pack(commit.id, packed)
    about = f"{commit.ref} is {commit.id[:12]}: {commit.subject}"
    shown = f"{source.git} {commit.ref}"
    return Fetched(commit.id[:12], commit.id, shown, about, packed, None, source, Wheels(), _recipe(source))


def from_package(source: Source, builder: Builder) -> Fetched:
    """A published package and all that it needs, solved now."""
    found = builder.requirements(builder.place.host.paths.code(builder.place.app.name) / "releases" / "none", source)
    release_id = package_id(source.package, found.text)
    many = found.text.count("==")
    about = f"{source.package} and {many - 1} more packages"
    return Fetched(release_id, "", source.package, about, None, found, source, Wheels(), "")


def from_bundle(place: Place, brought: Bundle) -> Fetched:
    """What a bundle has of the app. StationError when it has nothing, or is not what it was."""
    bundle = brought.folder
    told = _read(bundle / "apps" / place.app.name / "app.json", bundle, place.app.name)
    part = bundle / "apps" / place.app.name
    packed = part / "code.tar"
    text = (part / "requirements.txt").read_text(encoding="utf-8")
    package, commit = str(told.get("package") or ""), str(told.get("commit") or "")
    release_id = package_id(package, text) if package else commit[:12]
    if not RELEASE_ID.fullmatch(release_id):
        raise StationError(f"The bundle {bundle} does not say which commit or package of {place.app.name} it has")
    named = told.get("local")
    local = tuple(str(folder) for folder in named) if isinstance(named, list) else ()
    if any(Path(folder).is_absolute() or ".." in Path(folder).parts for folder in local):
        raise StationError(f"The bundle {bundle} is damaged: a package of {place.app.name} lies outside of its code")
    what = package or commit[:12]
    return Fetched(
        release_id,
        commit,
        f"bundle, {what}",
        f"{what}, from the bundle",
        packed if packed.is_file() else None,
        Requirements(text, local),
        Source(),
        Wheels(bundle / "wheels", alone=not brought.about.online),
        hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def the_source(place: Place, package: str) -> Source:
    """What the manifest says, or the package that was asked for in its place. StationError when nothing is said."""
    source = place.app.source
    if package:
        return replace(source or Source(), git="", folder="", lock="", package=package)
    if source is None:
        raise StationError(
            f"It is not known where the code of {place.app.name} comes from",
            f"Write [source] into its manifest, or [apps.{place.app.name}.source] into the fleet's; or use --bundle",
        )
    return source


@contextmanager
def opened(bundle: Path, work: Path) -> Iterator[Bundle]:
    """The bundle as a folder; one that is a tar file is unpacked for as long as the block runs."""
    if bundle.is_dir():
        yield read_bundle(bundle.resolve())
        return
    if not bundle.is_file():
        raise StationError(f"There is no bundle {bundle}", "`station bundle` on a laptop writes one")
    work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=work, prefix=".deploy-") as folder:
        Path(folder).chmod(0o755)
        command = ["tar", "-x", "-f", str(bundle), "--no-same-owner", "-C", folder]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=UNPACK_S, check=False)
        if ended.returncode != 0:
            raise StationError(f"The bundle {bundle} was not unpacked: {ended.stderr.strip()[-500:]}")
        yield read_bundle(Path(folder))


def drop_left(work: Path) -> None:
    """Remove bundles that a killed deploy had unpacked."""
    if work.is_dir():
        for left in work.glob(".deploy-*"):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def scratch(place: Place) -> Iterator[Path]:
    """An empty folder, root's alone, for what is fetched; gone afterwards, or by the next run."""
    folder = place.host.paths.state(place.app.name) / "fetched"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _recipe(source: Source) -> str:
    said = json.dumps([source.folder, source.lock, *source.extra])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _read(path: Path, bundle: Path, app: str) -> Mapping[str, object]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as why:
        has = sorted(path.name for path in (bundle / "apps").iterdir()) if (bundle / "apps").is_dir() else []
        raise StationError(
            f"The bundle {bundle} has nothing of {app}; it has {', '.join(has) or 'no app'}",
            "`station bundle` packs the apps whose manifest says in [source] where their code is",
        ) from why
    except ValueError as why:
        raise StationError(f"The bundle {bundle} is damaged: {path} is no JSON") from why
    if not isinstance(told, dict):
        raise StationError(f"The bundle {bundle} is damaged: {path} holds no object")
    return told
