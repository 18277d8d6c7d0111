"""Pages and exports asked of the real server over HTTP: the first time after a write, again, by one person and by four.

Which pages there are is not written here: every address of the menu, and one of each kind that those pages lead to.
"""

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from flask import Flask
from measure import Server
from werkzeug.exceptions import HTTPException

from bookedbiz.settings import Settings
from bookedbiz.users import FIRST_ADMIN
from bookedbiz.web import create_app
from station_kit.environment import Secret

TIMES = 5
USERS = 4
FILE_TIMES = 2
Told = dict[str, Any]
Write = Callable[[], None]
_FILES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Site:
    """The server that is asked, and its ledger."""

    address: str
    ledger: Path
    server: Server
    password: Secret

    def person(self) -> httpx.Client:
        """Somebody who has signed in as the admin."""
        client = httpx.Client(base_url=self.address, timeout=120, follow_redirects=True)
        form = client.get("/sign-in").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert found is not None
        client.post(
            "/sign-in",
            data={"csrf_token": found[1], "email": FIRST_ADMIN, "password": self.password.reveal()},
        ).raise_for_status()
        return client

    def write(self) -> None:
        """Commit something: every answer that was kept is forgotten."""
        with closing(sqlite3.connect(self.ledger)) as db, db:
            db.execute("INSERT INTO audit (at, actor, action, key) VALUES ('2026-01-01', 'bench', 'bench', '')")


def addresses(site: Site) -> list[str]:
    """Of every page of the menu and of every kind that they lead to, one: pages first, then files."""
    app = create_app(Settings(site.ledger, Secret("only to know which address is of which kind")))
    app.extensions["bookedbiz"].machine.stop()
    by_kind: dict[str, str] = {}
    with closing(site.person()) as person:
        todo = _links(person.get("/reports/").text)
        for _ in range(2):
            found: list[str] = []
            for link in todo:
                kind = _kind(app, link)
                if kind is not None and kind not in by_kind:
                    answer = person.get(link)
                    if answer.status_code == 200 and answer.url.path != "/sign-in":
                        by_kind[kind] = link
                        found += _links(answer.text) if "html" in answer.headers["content-type"] else []
            todo = found
    return sorted(by_kind.values(), key=lambda link: (link.partition("?")[0].endswith(_FILES), link))


def _links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="?([^" >]+)', page) if link.startswith("/")]


def _kind(app: Flask, link: str) -> str | None:
    """The endpoint that answers, for a file with its ending; None for what is no page."""
    path = link.partition("?")[0]
    try:
        endpoint, _ = app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return None
    ending = path.rpartition(".")[2] if path.endswith(_FILES) else ""
    return None if endpoint in ("static", "auth.sign_in") else f"{endpoint} {ending}"


def ask_all(site: Site, links: Iterable[str]) -> Told:
    """Of each address what it took, in milliseconds, and its bytes."""
    people = [site.person() for _ in range(USERS)]
    told = {}
    for link in links:
        is_file = link.partition("?")[0].endswith(_FILES) or "export" in link
        times = FILE_TIMES if is_file else TIMES
        told[link] = _asked(site, people, link, times)
    for person in people:
        person.close()
    return told


def _asked(site: Site, people: list[httpx.Client], link: str, times: int) -> Told:
    told: Told = {}
    plain = people[0].get(link, headers={"Accept-Encoding": "identity"})
    plain.raise_for_status()
    told["bytes"], told["packed_bytes"] = len(plain.content), _packed_bytes(people[0], link)
    for name, users, write in (
        ("first", 1, site.write),
        ("again", 1, None),
        ("first, four users", USERS, site.write),
        ("again, four users", USERS, None),
    ):
        wall: list[float] = []
        cpu: list[float] = []
        for _ in range(times):
            if write is not None:
                write()
            before = site.server.cpu_ms
            wall += _at_once(people[:users], link)
            cpu.append((site.server.cpu_ms - before) / users)
        told[name] = {"median_ms": median(wall), "worst_ms": max(wall), "cpu_ms": median(cpu)}
    return told


def _at_once(people: list[httpx.Client], link: str) -> list[float]:
    """Milliseconds that each of them waited."""
    took: list[float] = []
    together = threading.Barrier(len(people))

    def ask(person: httpx.Client) -> None:
        together.wait()
        began = time.perf_counter()
        answer = person.get(link)
        took.append(1000 * (time.perf_counter() - began))
        answer.raise_for_status()

    threads = [threading.Thread(target=ask, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == len(people)
    return took


def _packed_bytes(person: httpx.Client, link: str) -> int:
    with person.stream("GET", link, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(len(piece) for piece in answer.iter_raw())
