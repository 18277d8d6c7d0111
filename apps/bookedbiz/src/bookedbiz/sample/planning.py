"""The made-up station's plans: a budget for this year and the next, forecasts for the months of a session."""

import random
import sqlite3

from bookedbiz.months import add_months
from bookedbiz.names.audit import By
from bookedbiz.planning.figures import WINDOW_MONTHS, Item
from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.planning.saving import Cell, Session, save
from bookedbiz.sample.plan import SampleSpec

_STEP_CENTS = 100_00
_GROWTH = 1.06


def enter_plans(db: sqlite3.Connection, spec: SampleSpec, by: By) -> None:
    """Enter budgets that follow what was booked a year before, and a few forecasts, in the caller's transaction."""
    now = spec.current_month
    this_year, next_year = now // 100 * 100, now // 100 * 100 + 100
    booked = load_plans(db, this_year - 99, this_year + 12)
    budgets: dict[Cell, int | None] = {
        Cell(entity.id, year + number, Item.BUDGET): _rounded(booked[(entity.id, year - 100 + number)].booked * _GROWTH)
        for entity in entities(db)
        for year in (this_year, next_year)
        for number in range(1, 13)
        if (entity.id, year - 100 + number) in booked
    }
    save(db, budgets, Session("import", now, "Approved budget"), by)
    dice = random.Random(f"plans {spec.seed}")
    window = [add_months(now, ahead) for ahead in range(WINDOW_MONTHS)]
    forecasts: dict[Cell, int | None] = {
        Cell(cell.entity_id, cell.month, Item.FORECAST): _rounded((cents or 0) * dice.uniform(0.85, 1.2))
        for cell, cents in budgets.items()
        if cell.month in window and dice.random() < 0.5
    }
    save(db, forecasts, Session("planning", now, "Monday sales meeting"), by)


def _rounded(cents: float) -> int:
    return max(0, round(cents / _STEP_CENTS)) * _STEP_CENTS
