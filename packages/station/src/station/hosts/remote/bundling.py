"""Make a bundle: wheels, manifests and code of a fleet for hosts of one kind. Secrets never go in."""

import hashlib
import json
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from station.clock import to_text
from station.fleet import App, Fleet
from station.hosts.deploying import requirements as deploying
from station.hosts.remote import bundle, own
from station.hosts.remote.code import fetch_code
from station.hosts.remote.target import Target
from station.hosts.remote.tree import ManifestTree
from station.hosts.remote.wheels import Tools, exactly, fetch, solve
from station.hosts.tools import REQUIREMENTS as DATASETTE

BACKENDS = ("hatchling>=1.27", "editables~=0.3")  # what most packages are built with; an app's own is added
_SHIPPED = ("install", "take-manifest")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """What a bundle is made of. `root` is the checkout that we run from, None when installed from wheels.

    `platform_only`: neither apps nor what belongs to them. `online`: the host fetches all but our own wheels itself.
    """

    fleet: Fleet
    tree: ManifestTree
    target: Target
    tools: Tools
    root: Path | None
    apps: tuple[App, ...] = ()
    platform_only: bool = False
    online: bool = False


def make(recipe: Recipe, folder: Path, now: datetime, tell: Tell) -> bundle.Bundle:
    """Write the bundle into the empty folder. StationError when a part cannot be had."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    platform = _platform(recipe, folder, tell)
    backends = [*BACKENDS]
    for app in recipe.apps:
        backends += _app(recipe, app, folder, tell)
    if not recipe.online and not recipe.platform_only:
        _backends(recipe, backends, wheels, tell)
        _datasette(recipe, wheels, tell)
    recipe.tree.write(folder / "manifest")
    for name in _SHIPPED:
        (folder / name).write_bytes(Path(__file__).with_name(name).read_bytes())
    (folder / "install").chmod(0o755)
    sums = _sums(folder)
    (folder / bundle.SUMS).write_text(sums)
    about = bundle.About(
        version=bundle.VERSION,
        id=hashlib.sha256(sums.encode()).hexdigest()[:16],
        made_at=to_text(now),
        python=recipe.target.python,
        platform=recipe.target.arch,
        station=platform,
        manifest=recipe.tree.id,
        fleet=recipe.tree.fleet,
        online=recipe.online,
        apps=tuple(app.name for app in recipe.apps),
    )
    (folder / bundle.ABOUT).write_text(about.text)
    return bundle.read(folder)


def with_source(fleet: Fleet, hosts: Iterable[str]) -> tuple[App, ...]:
    """The apps of these hosts whose manifest says where their code is."""
    wanted = set(hosts)
    return tuple(app for _, app in sorted(fleet.apps.items()) if app.source and wanted & set(app.hosts))


def _platform(recipe: Recipe, folder: Path, tell: Tell) -> str:
    """Our own wheels and what they need; the name of this very platform."""
    tell("building Control Station" if recipe.root else "packing the Control Station that is installed here")
    wheels = folder / "wheels"
    ours = own.own_wheels(recipe.tools, recipe.root, wheels)
    needs = sorted({need for wheel in ours for need in own.needs_of(wheel)})
    solved = solve(recipe.tools, needs, recipe.target)
    if recipe.online:
        _fetch_uv(recipe, solved, wheels)
        text = exactly(ours) + solved
    else:
        tell(f"fetching {solved.count('==')} wheels for {recipe.target.title}")
        text = exactly([*ours, *fetch(recipe.tools, solved, wheels, recipe.target)])
    (folder / "requirements.txt").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{version('station')}-py{recipe.target.python}-{digest}"


def _fetch_uv(recipe: Recipe, solved: str, wheels: Path) -> None:
    """The installer comes along even where there is a network."""
    fetch(recipe.tools, deploying.blocks(solved)["uv"], wheels, recipe.target)


def _app(recipe: Recipe, app: App, folder: Path, tell: Tell) -> list[str]:
    """The app's code and requirements, its wheels; what its own packages are built with."""
    source = app.source
    if source is None:
        return []
    tell(f"packing {app.title}")
    place = folder / "apps" / app.name
    place.mkdir(parents=True)
    with TemporaryDirectory() as scratch:
        code = fetch_code(source, recipe.fleet.path.parent, Path(scratch), tell)
        machine = deploying.Target(recipe.target.python, recipe.target.for_uv)
        pinned = deploying.pinned(code.folder, source, recipe.tools.uv, target=machine)
        text = _for_target(recipe, pinned.text)
        if not recipe.online:
            fetch(replace(recipe.tools, lock=""), text, folder / "wheels", recipe.target)
        if code.tar is not None:
            shutil.move(code.tar, place / "code.tar")
        backends = [need for local in pinned.local for need in _backend_of(code.folder / local)]
    (place / "requirements.txt").write_text(pinned.text)
    told = {
        "app": app.name,
        "commit": code.commit,
        "package": source.package,
        "id": code.commit[:12] or source.package.replace("==", "-"),
        "local": list(pinned.local),
    }
    (place / "app.json").write_text(json.dumps(told, indent=1) + "\n")
    return backends


def _for_target(recipe: Recipe, text: str) -> str:
    """The requirements that count on such a machine: markers are weighed for it, not for this one."""
    written = {block.split()[0]: block for block in deploying.each_block(text)}  # one package may have two versions
    pins = [block.splitlines()[0].rstrip(" \\") for block in written.values()]
    solved = deploying.each_block(solve(replace(recipe.tools, lock=""), pins, recipe.target))
    return "".join(_unmarked(written.get(block.split()[0], block)) for block in solved)


def _unmarked(block: str) -> str:
    first, *hashes = block.splitlines(keepends=True)
    pin, marked, _ = first.partition(";")
    return "".join([f"{pin.rstrip()} \\\n" if marked and hashes else first, *hashes])


def _backend_of(package: Path) -> Iterator[str]:
    """What builds a package. setuptools is what the standard says when nothing is said."""
    try:
        project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))
    except OSError:
        project = {}
    yield from project.get("build-system", {}).get("requires", ["setuptools"])


def _backends(recipe: Recipe, needs: list[str], wheels: Path, tell: Tell) -> None:
    tell("fetching what packages are built with")
    for need in dict.fromkeys(needs):  # one at a time: two apps may want different versions
        fetch(recipe.tools, solve(recipe.tools, [need], recipe.target), wheels, recipe.target)


def _datasette(recipe: Recipe, wheels: Path, tell: Tell) -> None:
    """Datasette for a fleet that has it; its pins are the platform's own."""
    if any(app.datasette for app in recipe.fleet.apps.values()):
        tell("fetching Datasette")
        tools = replace(recipe.tools, lock="")
        fetch(tools, _for_target(recipe, DATASETTE.read_text()), wheels, recipe.target)


def _sums(folder: Path) -> str:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return "".join(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
