"""The made-up station's accounts: who looks after each, whom one talks to there, and what was said of late."""

import random
import sqlite3
from datetime import date, datetime, time, timedelta

from bookedbiz.accounts.activity import add, complete
from bookedbiz.accounts.assigning import assign_by_sales
from bookedbiz.accounts.book import Address, Billing, Contact, save_address, save_billing, save_contact
from bookedbiz.accounts.entry import read_line
from bookedbiz.accounts.refresh import record, refresh
from bookedbiz.moments import utc_text
from bookedbiz.months import STATION_ZONE, month_of
from bookedbiz.names.audit import By
from bookedbiz.sample.plan import SampleSpec

_FIRST = ("Ana", "Ben", "Carla", "Dev", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jun", "Kim", "Lena", "Mai", "Noor")
_LAST = ("Abbott", "Brandt", "Cho", "Duarte", "Ellis", "Farrow", "Guzman", "Hale", "Ito", "Jensen", "Kaur", "Lund")
_TITLES = (("Media director", "decision maker"), ("Media buyer", "account manager"), ("Accounting", "billing"))
_STREETS = ("Alder Street", "Birch Avenue", "Cedar Way", "Dogwood Lane", "Elm Boulevard")
_LINES = (
    "Call: asks for a bundle around Lunar New Year",
    "Email: sent the new rate card, she forwards it to her buyer",
    "Met the new marketing director",
    "Note: prefers calls before ten",
    "Call: wants the December copy changed",
    "Status: moved to the annual contract",
    "Email: answered the question about make-goods",
)
_TO_DO = ("Send the revised proposal", "Ask about the first quarter", "Check the copy", "Renew the annual contract")
_SHARE = 0.6  # of the accounts have somebody to talk to
_WEEKS = 7


def enter_accounts(db: sqlite3.Connection, spec: SampleSpec, by: By) -> None:
    """Give accounts out, and write down contacts, billing and activities, in the caller's transaction."""
    noon = datetime.combine(spec.today, time(12), STATION_ZONE)
    assign_by_sales(db, month_of(spec.today), by)
    dice = random.Random(f"accounts {spec.seed}")
    rows = db.execute(
        "SELECT id, kind, ae FROM account_shown WHERE active AND ae_id IS NOT NULL ORDER BY id"
    ).fetchall()
    for row in rows:
        if row["kind"] == "agency":
            save_billing(db, row["id"], Billing(dice.choice((1500, 1500, 1500, 1250)), "gross"), by)
        if dice.random() < _SHARE:
            _enter_people(db, row["id"], dice, by)
            author = f"{row['ae'].lower().replace(' ', '.')}@bookedbiz.example"
            _enter_activities(db, row["id"], spec.today, (dice, author))
    refresh(db, noon)
    record(db, noon, None, None)


def _enter_people(db: sqlite3.Connection, account_id: int, dice: random.Random, by: By) -> None:
    for title, role in dice.sample(_TITLES, dice.randint(1, 2)):
        first, last = dice.choice(_FIRST), dice.choice(_LAST)
        mail = f"{first}.{last}@account{account_id}.example".lower()
        phone = f"(206) 555-01{dice.randint(0, 99):02d}"
        save_contact(db, account_id, Contact(f"{first} {last}", title, role, mail, phone), by)
    if dice.random() < 0.5:
        street = f"{dice.randint(100, 9900)} {dice.choice(_STREETS)}"
        save_address(db, account_id, Address("office", street, "Seattle", "WA", f"981{dice.randint(1, 99):02d}"), by)


def _enter_activities(db: sqlite3.Connection, account_id: int, today: date, around: tuple[random.Random, str]) -> None:
    dice, author = around
    for days in sorted((dice.randint(0, 7 * _WEEKS) for _ in range(dice.randint(0, 3))), reverse=True):
        day = today - timedelta(days=days)
        add(db, account_id, read_line(dice.choice(_LINES), day), day, _by(author, day))
    if dice.random() < 0.3:
        day = today - timedelta(days=dice.randint(1, 9))
        due = (today + timedelta(days=dice.randint(-4, 12))).isoformat()
        number = add(db, account_id, read_line(dice.choice(_TO_DO), day, due=due), day, _by(author, day))
        if dice.random() < 0.3:
            complete(db, number, today, _by(author, today))


def _by(author: str, day: date) -> By:
    return By(author, utc_text(datetime.combine(day, time(9, 30), STATION_ZONE)))
