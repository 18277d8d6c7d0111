"""My accounts, one account, and the queue of signals."""

from flask import Response, abort, render_template, request
from flask_login import current_user

from bookedbiz.accounts.book import ADDRESSES, ROLES
from bookedbiz.accounts.entry import Activity
from bookedbiz.accounts.mine import my_accounts
from bookedbiz.accounts.one import OneAccount, account_of_customer, one_account
from bookedbiz.accounts.queue import STATES
from bookedbiz.accounts.signals import PRIORITY
from bookedbiz.accounts.standing import accounts
from bookedbiz.accounts.thresholds import load_thresholds
from bookedbiz.web.accounts.shared import aes_of, as_file, blueprint, last_refresh, today, whose
from bookedbiz.web.context import database
from bookedbiz.web.roles import SELLING, only

SHOWN = 120  # accounts of a page
SIGNALS_SHOWN = 50  # each with its forms: some 90 KB
QUESTION = "Whom do I call today, and which accounts need me?"
ACTIVITIES = [kind.value for kind in Activity]


@blueprint.get("/")
@only(SELLING)
def mine() -> str:
    """Whom do I call today, and which accounts need me?"""
    db = database()
    book = whose(db)
    report = my_accounts(db, today(), book.ae_id)
    opened = request.args.get("open", type=int)
    panel = one_account(db, opened, today(), current_user.only_ae_id) if opened else None
    return render_template(
        "accounts-mine.html",
        report=report,
        shown=report.accounts if request.args.get("every") else report.accounts[:SHOWN],
        book=book,
        aes=aes_of(db) if current_user.only_ae_id is None else [],
        panel=panel,
        refresh=last_refresh(db),
        question=QUESTION,
        **forms(),
    )


@blueprint.get("/mine.<kind>")
@only(SELLING)
def export_mine(kind: str) -> Response:
    """The tables of my accounts, as a file."""
    db = database()
    book = whose(db)
    return as_file(kind, my_accounts(db, today(), book.ae_id).tables, QUESTION, f"AE: {book.name}")


@blueprint.get("/<int:account_id>")
@only(SELLING)
def account(account_id: int) -> str:
    """Everything on one account."""
    db = database()
    found = one_account(db, account_id, today(), current_user.only_ae_id)
    if found is None:
        abort(404)
    return render_template(
        "accounts-one.html", one=found, aes=aes_of(db), next_step=request.args.get("next") == "1", **forms()
    )


@blueprint.get("/signals")
@only(SELLING)
def signals() -> str:
    """Which signals wait for somebody?"""
    db = database()
    book = whose(db)
    state = request.args.get("state", "new")
    page = max(1, min(1000, request.args.get("page", 1, type=int))) - 1
    limits = load_thresholds(db)
    every = [
        (item, found) for found in accounts(db, today(), ae_id=book.ae_id) if found.active for item in found.signals
    ]
    counts = {name: sum(item.state == name for item, _ in every) for name in STATES}
    shown = [pair for pair in every if pair[0].state == state]
    shown.sort(key=lambda pair: (PRIORITY[pair[0].kind], -max(pair[1].year_cents, pair[1].before_cents), pair[0].id))
    return render_template(
        "accounts-signals.html",
        shown=shown[page * SIGNALS_SHOWN : (page + 1) * SIGNALS_SHOWN],
        page=page,
        pages=(len(shown) + SIGNALS_SHOWN - 1) // SIGNALS_SHOWN,
        counts=counts,
        state=state,
        book=book,
        aes=aes_of(db) if current_user.only_ae_id is None else [],
        unworked={item.id for item, _ in every if item.is_unworked(today(), limits.unworked_days)},
        refresh=last_refresh(db),
    )


def forms() -> dict[str, object]:
    """What the forms of an account offer."""
    return {"activities": ACTIVITIES, "roles": ROLES, "address_kinds": ADDRESSES, "today": today()}


def panel_of_customer(customer_id: int) -> OneAccount | None:
    """What the customer's page shows of its account; None when this person may not see it."""
    if current_user.role not in SELLING or customer_id <= 0:
        return None
    account_id = account_of_customer(database(), customer_id, current_user.only_ae_id)
    return None if account_id is None else one_account(database(), account_id, today(), current_user.only_ae_id)
