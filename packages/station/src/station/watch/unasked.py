"""A machine that is not asked from here: what can be said without it, and nothing that only it could say. Pure.

An agent answers on its own machine alone, so a look from one machine of a pair knows nothing of the other one. That it
does not answer must not be taken for silence.
"""

from collections.abc import Iterable
from dataclasses import replace

from station.watch import checks
from station.watch.checks import Check, CheckVerdict
from station.watch.situation import Situation
from station.watch.statuses import HostState

_NEED_BOTH = (checks.one_primary, checks.release)
_NEED_TARGET = (checks.standby_answers, checks.copy, checks.proof, checks.standby_works, checks.room)
_NEED_PRIMARY = (checks.primary_works, checks.stores)


def answers(situation: Situation) -> tuple[Check, ...]:
    """The answer to every question that can be answered here, and first of all why others cannot."""
    away = [name for name in (situation.primary, situation.target) if is_unasked(situation, name)]
    if not away:
        return checks.all_checks(situation)
    left_out = {*_NEED_BOTH}
    if situation.target in away:
        left_out |= {*_NEED_TARGET}
    if situation.primary in away:
        left_out |= {*_NEED_PRIMARY}
    asked = (check(situation) for check in checks.CHECKS if check not in left_out)
    return (_why(away), *(_without_comparing(each, situation.primary in away) for each in asked))


def is_unasked(situation: Situation, name: str | None) -> bool:
    """Whether that host is another machine than this one."""
    return situation.host(name).state is HostState.UNASKED


def _why(away: Iterable[str | None]) -> Check:
    names = " and ".join(str(name) for name in away)
    return Check(
        "machines",
        CheckVerdict.BLOCK,
        f"between machines an app cannot be moved yet; how {names} is, is to be seen there alone",
        "; ".join(f"`station --host {name} status`" for name in away),
    )


def _without_comparing(check: Check, is_primary_away: bool) -> Check:
    """A copy is behind only when something newer was written, which the primary alone knows."""
    if is_primary_away and check.verdict is CheckVerdict.LOSS:
        return replace(check, verdict=CheckVerdict.OK)
    return check
