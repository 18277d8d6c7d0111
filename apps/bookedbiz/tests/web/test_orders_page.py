"""The page of orders: the list, its files, and what an account executive may see of them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.settings import Settings
from bookedbiz.web import create_app
from station_kit.environment import Secret
from station_kit.sqlitefile import open_database


@pytest.fixture
def seller_name(ledger: Path) -> str:
    with closing(open_database(ledger, read_only=True)) as db:
        return str(db.execute("SELECT ae.name FROM ae JOIN user ON user.ae_id = ae.id").fetchone()[0])


@pytest.fixture
def app(ledger: Path, clock: Any, tmp_path: Path, seller_name: str) -> Iterator[Flask]:
    """The application, with a drive."""
    for path in (f"{seller_name}/999001 Fern Tea/order.pdf", "House/999002 Zyxomma Works/order.pdf"):
        (tmp_path / "orders" / path).parent.mkdir(parents=True)
        (tmp_path / "orders" / path).write_bytes(b"%PDF-1")
    made = create_app(
        Settings(ledger, Secret("a key for tests, and only for them"), insertion_orders=tmp_path / "orders"), now=clock
    )
    yield made
    made.extensions["bookedbiz"].machine.stop()


def test_the_list_shows_orders_with_files_and_what_has_none(admin: Any, seller_name: str) -> None:
    page = admin.get("/orders/").text
    for words in ("999001", "Zyxomma Works", "not in traffic yet", "Booked without order", seller_name):
        assert words in page
    tables = admin.get("/orders/list.json").json["data"]["tables"]
    assert {row["cells"][1] for row in tables[0]["rows"]} == {"999001", "999002"}
    assert "999002" in admin.get("/orders/list.csv").text
    answer = admin.get("/orders/file?path=House/999002+Zyxomma+Works/order.pdf")
    assert answer.data == b"%PDF-1"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()
    for path in ("../ledger.db", "House/../../ledger.db", "/etc/passwd"):
        assert admin.get(f"/orders/file?path={path}").status_code == 404


def test_an_account_executive_sees_and_gets_their_own_alone(signed_in: Any, seller_name: str) -> None:
    seller = signed_in("seller")
    for path in ("/orders/", "/orders/list.csv", "/orders/list.json", "/reports/mine"):
        text = seller.get(path).text
        assert "Zyxomma" not in text
        assert "999001" in text
    assert seller.get("/orders/file?path=House/999002+Zyxomma+Works/order.pdf").status_code == 404
    mine = seller.get(f"/orders/file?path={seller_name}/999001+Fern+Tea/order.pdf")
    assert mine.status_code == 200
    mine.close()
    assert signed_in("guest").get("/orders/").status_code == 403


def test_a_drive_that_is_gone_is_named_and_my_page_goes_on(admin: Any, app: Flask, tmp_path: Path) -> None:
    (tmp_path / "orders").rename(tmp_path / "gone")
    assert "Is the drive mounted" in admin.get("/orders/").text
    assert admin.get("/reports/mine").status_code == 200
    assert admin.get("/orders/list.csv").status_code == 422
