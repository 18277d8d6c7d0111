"""`station key new`, `rotate`, `sheet`, `check`: the keys that encrypted stores are written with."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_store, known_store
from station.cli.console import json_option, say, show
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import Refused, StationError, StoreError

if TYPE_CHECKING:
    from station.cli.keysheet import Sheet
    from station.fleet import StoreSpec
    from station.points.keycheck import Tried
    from station.stores.cipher import Cipher
    from station.stores.keyfile import Identity

store_argument = click.argument("store_name", metavar="STORE", shell_complete=complete_store)


@dataclass(frozen=True)
class Made:
    """A key that was made, or would be: its public half, and the file it is the current key of."""

    file: Path
    key: str | None
    older: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Checked:
    """Which of the newest objects of a store were tried, with which keys, the current one first."""

    store: str
    keys: tuple[str, ...]
    typed: bool
    objects: "tuple[Tried, ...]"

    @property
    def failed(self) -> "list[Tried]":
        return [each for each in self.objects if each.problem]


@click.group()
def key() -> None:
    """Keys of encrypted stores: make, renew, print and check them."""


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@pass_session
def new(session: Session, file: Path, as_json: bool) -> None:
    """Make a key file that only its owner can read, and print the public key.

    An existing file is refused (exit code 20): what a lost key has encrypted is lost.
    """
    from station.stores.keymaking import create_key_file  # noqa: PLC0415

    file = file.absolute()
    made = Made(file, create_key_file(file, utc_now()))
    show(made, lambda shown: f"made {shown.file}, public key {shown.key}", as_json)
    if not as_json:
        say(
            f'\nNext:\n  1. write `key = "{file}"` into [stores.STORE] of the fleet\'s manifest\n'
            "  2. copy the file to every other host of the fleet, mode 0600\n"
            "  3. print the recovery sheet, `station key sheet STORE --html sheet.html`, and check it: "
            "`station key check STORE --typed`\nWithout this file and without the sheet nobody can read the store."
        )


@key.command()
@store_argument
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@json_option
@pass_session
def rotate(session: Session, store_name: str, dry_run: bool, as_json: bool) -> None:
    """Put a new key on top of the store's key file; the old ones stay in it, for what they have encrypted.

    The next restore point of every database starts a new chain with it, without a restart. Older files are not
    encrypted again. Begin on a standby and copy the file to the other hosts, the primary last: a standby that does not
    have the new key cannot follow.
    """
    from station.stores.keymaking import rotate_key_file  # noqa: PLC0415

    cipher = _cipher(session, store_name)
    older = cipher.key_ids
    made = Made(cipher.key_file, None if dry_run else rotate_key_file(cipher.key_file, utc_now()), older, dry_run)
    show(made, _rotated_line, as_json)
    if not as_json:
        stay = "the older key stays" if len(older) == 1 else f"the {len(older)} older keys stay"
        say(
            f"\nNew objects of {store_name} use it from the next point on, in new chains; {stay} in the file, and "
            "older objects stay readable.\nNext: copy the file to every other host, the primary last; print a new sheet"
        )


@key.command()
@store_argument
@click.option(
    "--html", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page to print; must be new."
)
@click.option("--yes", is_flag=True, help="Do not ask; needed where stdout is no terminal.")
@pass_session
def sheet(session: Session, store_name: str, page: Path | None, yes: bool) -> None:
    """Print the recovery sheet of a store: its secret keys, where it is, and how to restore without this program.

    The page is one A4 sheet that needs no other file; it is readable by its owner only. Delete it when it is printed.
    """
    from station.cli import keysheet  # noqa: PLC0415

    made = _sheet(session, store_name)
    if page is not None:
        _write_page(page.absolute(), keysheet.as_html(made))
        say(f"wrote {page.absolute()}: print it, delete it, check the paper: `station key check {store_name} --typed`")
        return
    if not yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Refused(
                "No sheet shown: it holds the secret key, and this is no terminal", "Say --yes if it is to be"
            )
        click.confirm("Show the secret key on this terminal?", abort=True, err=True)
    click.echo(keysheet.as_text(made))


@key.command()
@store_argument
@click.option(
    "--typed", is_flag=True, help="Check a key that is typed in, as the sheet has it, in place of the key file."
)
@json_option
@pass_session
def check(session: Session, store_name: str, typed: bool, as_json: bool) -> None:
    """Try whether the newest objects of the store can be opened with the key file, or with a typed key.

    Of every database the newest chains, the portable copy and the newest backups are opened; only their beginning is
    read. Exit code 16 when one does not open. A typed key opens what it has encrypted: older objects may need an older
    one.
    """
    from station.points.keycheck import try_newest  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.stores.cipher import Cipher, equip  # noqa: PLC0415

    spec = _spec(session, store_name)
    held = _typed_key() if typed else ()
    cipher = Cipher(spec.key_file or Path("the typed key"), store_name, held) if typed else _cipher(session, store_name)
    keys = cipher.key_ids
    store = session.store(store_name)
    equip(store, cipher)
    apps = [app for app in session.fleet.apps.values() if store_name in app.stores]
    identities = [DatabaseId(app.name, database) for app in apps for database in app.databases]
    tried = [each for identity in identities for each in try_newest(store, identity)]
    if typed:
        tried = [each for each in tried if each.key in keys]
    checked = Checked(store_name, keys, typed, tuple(tried))
    show(checked, _checked_text, as_json)
    if checked.failed:
        raise StoreError(f"{len(checked.failed)} of {len(tried)} objects do not open", "The lines above say why")
    if typed and not tried:
        raise StoreError(
            f"The typed key is a whole key, {keys[0]}, but nothing among the newest objects is encrypted to it",
            f"Is it the sheet of {store_name}, and its first key?",
        )


def _spec(session: Session, store_name: str) -> "StoreSpec":
    stores = session.fleet.stores
    return stores[known_store(store_name, stores, session.fleet.name)]


def _cipher(session: Session, store_name: str) -> "Cipher":
    from station.stores.cipher import Cipher  # noqa: PLC0415

    spec = _spec(session, store_name)
    if spec.key_file is None:
        raise StoreError(
            f"The store {store_name} is not encrypted: [stores.{store_name}] names no key file",
            "Make a key, `station key new FILE`, and write `key = FILE` there",
        )
    return Cipher(spec.key_file, store_name)


def _sheet(session: Session, store_name: str) -> "Sheet":
    from station.cli.keysheet import Key, Sheet  # noqa: PLC0415
    from station.stores.secretfile import Secret  # noqa: PLC0415

    keys = [Key(one.key_id, Secret(str(one.age))) for one in _cipher(session, store_name).identities()]
    apps = [app for app in session.fleet.apps.values() if store_name in app.stores]
    return Sheet(session.fleet.name, _spec(session, store_name), apps, keys, utc_now())


def _typed_key() -> "tuple[Identity, ...]":
    """What is typed, or comes through a pipe: blanks and line ends do not count, nor does upper or lower case."""
    from station.stores.keyfile import identities_of  # noqa: PLC0415

    if sys.stdin.isatty():
        text = str(click.prompt("The key, as the sheet has it (it does not show)", hide_input=True, err=True))
    else:
        text = sys.stdin.read()
    return identities_of("".join(text.split()).upper(), "what was typed")


def _write_page(page: Path, text: str) -> None:
    from station.stores.keymaking import create_private  # noqa: PLC0415

    try:
        create_private(page, text)
    except FileExistsError as why:
        raise Refused(f"No sheet written: {page} exists already", "Name another file") from why
    except OSError as why:
        raise StationError(f"{page} not written: {why.strerror}", "Look at the folder: is it there?") from why


def _rotated_line(made: Made) -> str:
    if made.dry_run:
        return f"would put a new key on top of {made.file}, before {made.older[0]}"
    return f"{made.file}: the current key is {made.key}, before it was {made.older[0]}"


def _checked_text(checked: Checked) -> str:
    with_what = "the typed key" if checked.typed else "the key file"
    lines = [f"{_how(each)}  {each.object}" + (f": {each.problem}" if each.problem else "") for each in checked.objects]
    opened = sum(1 for each in checked.objects if each.key and not each.problem)
    plain = sum(1 for each in checked.objects if not each.key and not each.problem)
    said = f"{opened} of {len(checked.objects)} objects of {checked.store} open with {with_what}"
    return "\n".join([*lines, said + (f", {plain} are not encrypted" if plain else "")])


def _how(tried: "Tried") -> str:
    return "FAILS " if tried.problem else ("opens " if tried.key else "plain ")
