"""The recovery sheet of an encrypted store: what a person needs who has nothing but the paper and the store. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template

from station.fleet import App, StoreSpec
from station.stores.secretfile import Secret

GROUP = 4
GROUPS_IN_A_LINE = 8
PREFIX = "AGE-SECRET-KEY-1"


@dataclass(frozen=True)
class Key:
    """A key of the sheet: its public half, and the secret one."""

    key_id: str
    secret: Secret


@dataclass(frozen=True)
class Sheet:
    """What the sheet is about. `keys`: the current one first."""

    fleet: str
    store: StoreSpec
    apps: Sequence[App]
    keys: Sequence[Key]
    made_at: datetime


def grouped(secret: str) -> list[str]:
    """The secret in lines of groups, as a person types it; blanks between groups do not count."""
    rest = secret.removeprefix(PREFIX)
    groups = [rest[at : at + GROUP] for at in range(0, len(rest), GROUP)]
    lines = [" ".join(groups[at : at + GROUPS_IN_A_LINE]) for at in range(0, len(groups), GROUPS_IN_A_LINE)]
    return [PREFIX, *lines]


def place(store: StoreSpec) -> str:
    """Where the store is."""
    path = str(store.path)
    return {
        "directory": f"the folder {path}",
        "dropbox": f"Dropbox, the folder {path} (of an app with its own folder: below Apps/)",
        "s3": f"the bucket {store.bucket}{'' if path == '.' else f', below {path}'}"
        + (f", at {store.endpoint}" if store.endpoint else ", at Amazon S3"),
        "sftp": f"the folder {path} of {store.server}, port {store.port}, as {store.user}",
    }.get(store.kind, path)


def fetching(store: StoreSpec) -> list[str]:
    """How its files come into the folder `store` without this program."""
    path = str(store.path)
    if store.kind == "dropbox":
        return [
            f"# dropbox.com: download the folder {path} and unpack it, or with rclone:",
            f"rclone copy dropbox:{path} store",
        ]
    if store.kind == "s3":
        endpoint = f" --endpoint-url {store.endpoint}" if store.endpoint else ""
        prefix = "" if path == "." else f"/{path}"
        return [f"aws s3 cp --recursive s3://{store.bucket}{prefix} store{endpoint}"]
    if store.kind == "sftp":
        return [f"scp -r -P {store.port} {store.user}@{store.server}:{path} store"]
    return [f"ln -s {path} store        # or where the disk is mounted now"]


def commands(sheet: Sheet) -> list[tuple[str, list[str]]]:
    """Headline and commands of each step."""
    app = sheet.apps[0] if sheet.apps else None
    folder = f"{app.name}/{next(iter(app.databases))}" if app else "APP/DATABASE"
    typed = ["umask 077", "cat > key.txt        # each key on one line, no blanks; then Enter and Ctrl-D"]
    newest = 'cd "$(ls -d [0-9]*/ | LC_ALL=C sort | tail -n 1)"'
    return [
        ("The programs (Debian)", ["sudo apt install age zstd sqlite3 python3"]),
        ("The key", typed),
        ("The files of the store", fetching(sheet.store)),
        (
            "The last nightly copy, a whole SQLite file",
            [
                f"age -d -i key.txt -o restored.db store/{folder}/database.db.age",
                "sqlite3 restored.db 'PRAGMA integrity_check'",
            ],
        ),
        (
            "Or the newest restore point, minutes or seconds old",
            [f"KEY=$PWD/key.txt TARGET=$PWD/newest.db; cd store/{folder}", newest, RESTORE],
        ),
    ]


RESTORE = 'python3 restore.py "$TARGET" --key "$KEY"'


def as_text(sheet: Sheet) -> str:
    """The sheet for a terminal."""
    lines = [f"RECOVERY SHEET of the store {sheet.store.name} of {sheet.fleet}, made {sheet.made_at:%Y-%m-%d}", ""]
    lines += ["Who has this has every byte in the store. Keep it on paper, away from the machines.", ""]
    lines += [
        f"Where: {place(sheet.store)}",
        "",
        "A ring in a key is a zero: there is no O, I, B or 1 in the groups.",
        "",
    ]
    for number, key in enumerate(sheet.keys):
        lines += [f"{_title(number)}  {key.key_id}", ""]
        lines += [f"    {line}" for line in grouped(key.secret.reveal())] + [""]
    for title, steps in commands(sheet):
        lines += [f"{title}:", *(f"    {step}" for step in steps), ""]
    return "\n".join(lines)


def as_html(sheet: Sheet) -> str:
    """The sheet as one page to print; it needs no other file."""
    keys = "".join(
        f"<section class=key><h2>{_title(number)}</h2><p class=public>{escape(key.key_id)}</p>"
        f"<pre class=secret>{escape(chr(10).join(grouped(key.secret.reveal())))}</pre></section>"
        for number, key in enumerate(sheet.keys)
    )
    steps = "".join(
        f"<li><b>{escape(title)}</b><pre>{escape(chr(10).join(step))}</pre></li>" for title, step in commands(sheet)
    )
    return Template(PAGE).substitute(
        store=escape(sheet.store.name),
        fleet=escape(sheet.fleet),
        made=f"{sheet.made_at:%Y-%m-%d}",
        place=escape(place(sheet.store)),
        apps=escape(", ".join(app.title for app in sheet.apps) or "no app yet"),
        keys=keys,
        steps=steps,
    )


def _title(number: int) -> str:
    return "The key" if number == 0 else "An older key, for older files"


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Recovery sheet: $store</title><style>
@page { size: A4; margin: 14mm 16mm }
body { font: 10.5pt/1.35 "DejaVu Sans", Arial, sans-serif; color: #000; background: #fff; max-width: 178mm;
  margin: 0 auto }
h1 { font-size: 18pt; margin: 0 0 1mm } h2 { font-size: 11pt; margin: 0 } p { margin: 1mm 0 }
.warn { border: 0.6mm solid #000; padding: 2mm 3mm; margin: 3mm 0; font-weight: bold }
dl { display: grid; grid-template-columns: 24mm 1fr; margin: 2mm 0 } dt { color: #444 } dd { margin: 0 }
.key { border-top: 0.3mm solid #888; padding: 2.5mm 0; break-inside: avoid }
.public { font: 8pt "DejaVu Sans Mono", monospace; color: #444; overflow-wrap: anywhere }
.secret { font: bold 13.5pt/1.5 "DejaVu Sans Mono", monospace; margin: 1.5mm 0 0; letter-spacing: 0.04em }
ol { margin: 2mm 0 0; padding-left: 6mm } li { margin: 0 0 1.8mm; break-inside: avoid }
li pre { font: 8pt/1.4 "DejaVu Sans Mono", monospace; background: #f1f1f1; padding: 1.5mm 2mm; margin: 0.8mm 0 0;
  white-space: pre-wrap; overflow-wrap: anywhere }
footer { margin-top: 3mm; border-top: 0.3mm solid #888; padding-top: 1.5mm; font-size: 9pt; color: #444 }
</style></head><body>
<h1>Recovery sheet: $store</h1>
<p class="warn">Whoever has this sheet can read every backup in the store. Without it, and without the key file,
nobody can. Keep it on paper, away from the machines.</p>
<dl><dt>Fleet</dt><dd>$fleet: $apps</dd><dt>The store</dt><dd>$place</dd><dt>Made</dt><dd>$made</dd></dl>
$keys
<section class=key><h2>To get the data back, on any Linux machine</h2><ol>$steps</ol></section>
<footer>A ring is a zero: there is no O, I, B or 1 in the groups. Typed in wrongly? A key has a check sum:
<code>age-keygen -y key.txt</code> prints the public key above, or says that it is malformed.
Check this sheet now: <code>station key check $store --typed</code></footer>
</body></html>
"""
