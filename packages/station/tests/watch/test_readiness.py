"""The verdict, for every way in which one thing can be wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from types import SimpleNamespace as Pair

import pytest

from station.fleet import App
from station.watch.checks import CheckVerdict
from station.watch.picture import app_picture
from station.watch.readiness import EXIT_CODES, Readiness, Verdict, readiness
from station.watch.statuses import HostState, HostStatus, LeaseSeen, Machine, UnitStatus
from station.watch.storelog import StoreNews, StoreView

Judge = Callable[..., Readiness]


def test_a_pair_in_order_is_ready_and_says_the_most_that_would_be_lost(judge: Judge, pair: Pair) -> None:
    found = judge()
    assert found.verdict is Verdict.READY
    assert found.loss_s == 1.0  # the primary itself saw one second ago that there is nothing newer
    assert found.sentence == (
        "Safe. You can fail over now; you would lose at most 1 s (copy of 09:12:03, checked 1 s ago)."
    )


def test_a_copy_behind_the_primary_loses_since_the_copy_was_taken(judge: Judge, pair: Pair) -> None:
    newer = pair.on_host("pi-ctv", "primary", databases={"main": pair.database(point=pair.point(1, "c/000008"))})
    assert judge(primary=newer).loss_s == 4.0


def test_clock_times_are_those_of_the_operators_zone(app: App, pair: Pair) -> None:
    statuses = {"pi-ctv": pair.on_host("pi-ctv", "primary"), "pi2": pair.on_host("pi2", "standby")}
    local = pair.NOW.astimezone(timezone(timedelta(hours=-8)))
    assert "copy of 01:12:03" in readiness(app, statuses, pair.store(), local).sentence


Spoil = Callable[[Pair], dict[str, object]]
FAILED = UnitStatus("mirror", "failed", None, None, 9, None, None)
SICK = UnitStatus("web", "running", 7, None, 0, 8000, False)

CASES: dict[str, tuple[Spoil, Verdict, str]] = {
    "the standby has never run": (
        lambda p: {"standby": HostStatus("pi2", HostState.ABSENT, trouble="it has never run here")},
        Verdict.NOT_READY,
        "standby answers",
    ),
    "the standby was heard half a minute ago": (
        lambda p: {"standby": p.silent("pi2", "standby", 30)},
        Verdict.UNKNOWN,
        "standby answers",
    ),
    "the standby is silent for two minutes": (
        lambda p: {"standby": p.silent("pi2", "standby", 120)},
        Verdict.NOT_READY,
        "standby answers",
    ),
    "the standby has no copy": (lambda p: {"standby": p.holding(point=None)}, Verdict.NOT_READY, "copy"),
    "the mirror stopped looking": (lambda p: {"standby": p.holding(checked_at=p.ago(601))}, Verdict.UNKNOWN, "copy"),
    "the copy is a minute behind": (
        lambda p: {"standby": p.holding(point=p.point(60, "c/000006"))},
        Verdict.READY_WITH_LOSS,
        "copy",
    ),
    "the copy is 27 hours behind": (
        lambda p: {"standby": p.holding(point=p.point(27 * 3600, "c/000001"))},
        Verdict.DEGRADED,
        "copy",
    ),
    "the copy is 37 hours behind": (
        lambda p: {"standby": p.holding(point=p.point(37 * 3600, "c/000001"))},
        Verdict.NOT_READY,
        "copy",
    ),
    "the copy was never proved": (lambda p: {"standby": p.holding(proved_at=None)}, Verdict.UNKNOWN, "proof"),
    "the proof is two hours old": (
        lambda p: {"standby": p.holding(proved_at=p.ago(7200))},
        Verdict.DEGRADED,
        "proof",
    ),
    "the mirror reports an error": (
        lambda p: {"standby": p.holding(error="damaged object")},
        Verdict.DEGRADED,
        "standby works",
    ),
    "a unit of the standby failed": (
        lambda p: {"standby": p.on_host("pi2", "standby", units=(FAILED,))},
        Verdict.DEGRADED,
        "standby works",
    ),
    "the app is not healthy": (
        lambda p: {"primary": p.on_host("pi-ctv", "primary", units=(SICK,))},
        Verdict.DEGRADED,
        "primary works",
    ),
    "the primary is silent": (
        lambda p: {"primary": p.silent("pi-ctv", "primary", 30)},
        Verdict.READY_WITH_LOSS,
        "primary works",
    ),
    "the primary's disk is full": (
        lambda p: {"primary": p.on_host("pi-ctv", "primary", machine=Machine(disk_free_bytes=100_000_000))},
        Verdict.DEGRADED,
        "room",
    ),
    "the standby's disk is full": (
        lambda p: {"standby": p.on_host("pi2", "standby", machine=Machine(disk_free_bytes=900_000_000))},
        Verdict.NOT_READY,
        "room",
    ),
    "nobody knows the standby's disk": (
        lambda p: {"standby": p.on_host("pi2", "standby", machine=Machine())},
        Verdict.UNKNOWN,
        "room",
    ),
    "a clock is three seconds off": (
        lambda p: {"standby": p.on_host("pi2", "standby", skew_s=-3.0)},
        Verdict.DEGRADED,
        "clock",
    ),
    "a clock is a minute off": (
        lambda p: {"standby": p.on_host("pi2", "standby", skew_s=60.0)},
        Verdict.UNKNOWN,
        "clock",
    ),
    "the store does not answer": (lambda p: {"news": p.store(error="it is gone")}, Verdict.NOT_READY, "lease"),
    "the lease was read a minute ago": (lambda p: {"news": p.store(age_s=60.0)}, Verdict.UNKNOWN, "lease"),
    "the lease was never read": (lambda p: {"news": StoreNews(None, None, None)}, Verdict.UNKNOWN, "lease"),
    "nobody has been primary": (
        lambda p: {
            "primary": p.on_host("pi-ctv", "starting", lease=None),
            "standby": p.on_host("pi2", "standby", lease=None),
            "news": StoreNews(StoreView((), (), ()), 1.0, None),
        },
        Verdict.NOT_READY,
        "lease",
    ),
    "both act as primary": (
        lambda p: {"standby": p.on_host("pi2", "primary")},
        Verdict.NOT_READY,
        "one primary",
    ),
    "the old primary has not noticed yet": (
        lambda p: {"news": p.store("pi2", epoch=4)},
        Verdict.NOT_READY,
        "one primary",
    ),
    "a switch is going on": (
        lambda p: {"primary": p.on_host("pi-ctv", "demoted")},
        Verdict.NOT_READY,
        "nothing under way",
    ),
}


@pytest.mark.parametrize(("spoiled", "verdict", "check"), CASES.values(), ids=CASES.keys())
def test_one_thing_wrong_gives_its_verdict(
    judge: Judge, pair: Pair, spoiled: Spoil, verdict: Verdict, check: str
) -> None:
    found = judge(**spoiled(pair))
    assert found.verdict is verdict, found.sentence
    assert check in [each.name for each in found.checks if each.verdict is not CheckVerdict.OK]


def test_every_check_that_did_not_pass_is_told_in_one_clause(judge: Judge, pair: Pair) -> None:
    for spoiled, _, _ in CASES.values():
        for check in judge(**spoiled(pair)).checks:
            assert check.evidence
            assert not check.evidence.endswith(".")


def test_a_silent_primary_is_named_with_what_the_copy_holds(judge: Judge, pair: Pair) -> None:
    found = judge(primary=pair.silent("pi-ctv", "primary", 30))
    assert found.sentence == (
        "pi-ctv is silent. You can fail over now; pi2 has everything up to 09:12:06, "
        "what was written after that would be lost."
    )


def test_when_no_host_answers_that_is_what_is_said(judge: Judge, pair: Pair) -> None:
    found = judge(primary=pair.silent("pi-ctv", "primary", 90), standby=pair.silent("pi2", "standby", 90))
    assert found.sentence == "You cannot fail over now: no host answers; what is shown is the last known."


def test_the_headline_stays_while_only_figures_change(judge: Judge, pair: Pair) -> None:
    behind = pair.holding(point=pair.point(9, "c/000006"))
    assert judge().headline == judge(standby=behind).headline == "Safe. You can fail over now."


def test_the_worst_check_decides(judge: Judge, pair: Pair) -> None:
    standby = replace(pair.holding(proved_at=None), machine=Machine(disk_free_bytes=1))
    assert judge(standby=standby).verdict is Verdict.NOT_READY


def test_after_a_switch_the_other_host_is_the_target(judge: Judge, pair: Pair) -> None:
    found = judge(
        primary=pair.on_host("pi-ctv", "standby"),
        standby=pair.on_host("pi2", "primary"),
        news=pair.store("pi2", epoch=4),
    )
    assert (found.verdict, found.primary, found.target) == (Verdict.READY, "pi2", "pi-ctv")


def test_an_agent_that_saw_a_newer_epoch_than_we_is_believed(judge: Judge, pair: Pair) -> None:
    seen = LeaseSeen(4, "pi2", pair.NOW, "failover")
    found = judge(
        primary=pair.on_host("pi-ctv", "standby"), standby=pair.on_host("pi2", "primary", lease=seen), news=pair.store()
    )
    assert (found.verdict, found.primary, found.lease) == (Verdict.READY, "pi2", seen)


@pytest.mark.parametrize("role", ["primary", "demoted", "starting"])
def test_a_database_in_place_on_the_target_is_no_copy(judge: Judge, pair: Pair, role: str) -> None:
    assert judge(standby=pair.on_host("pi2", role)).loss_s is None


def test_every_verdict_has_an_exit_code() -> None:
    assert EXIT_CODES == {
        Verdict.READY: 0,
        Verdict.READY_WITH_LOSS: 1,
        Verdict.DEGRADED: 1,
        Verdict.NOT_READY: 2,
        Verdict.UNKNOWN: 3,
    }


@pytest.mark.parametrize(("look_every_s", "every_s", "word"), [(1, None, "LOSS"), (10, None, "OK"), (1, 10.0, "OK")])
def test_a_copy_is_as_good_as_new_for_as_long_as_store_and_standby_take_by_their_rhythm(
    app: App, pair: Pair, look_every_s: float, every_s: float | None, word: str
) -> None:
    primary = pair.on_host("pi-ctv", "primary", databases={"main": pair.database(point=pair.point(1, "x/000008"))})
    standby = pair.holding(point=pair.point(20))
    each_s = {"disk": every_s} if every_s else {}
    found = app_picture(
        app, {"pi-ctv": primary, "pi2": standby}, pair.store(), pair.NOW, each_s, look_every_s
    ).readiness
    assert next(check.verdict for check in found.checks if check.name == "copy") == word
    assert found.fresh is (word == "OK")


def test_a_standby_without_the_key_says_so_and_needs_care(judge: Callable[..., Readiness], pair: Pair) -> None:
    missing = "x/000001.delta.age cannot be read: it needs the key age1abc, and [stores.disk] names no key file"
    found = judge(standby=pair.holding(error=missing))
    assert found.verdict is Verdict.DEGRADED
    assert "main on pi2: x/000001.delta.age cannot be read: it needs the key age1abc" in found.sentence


def elsewhere(host: str) -> HostStatus:
    return HostStatus(host, HostState.UNASKED, trouble="another machine, not asked from here")


def test_another_machine_that_was_not_asked_is_not_called_silent(judge: Judge, pair: Pair) -> None:
    found = judge(primary=elsewhere("pi-ctv"))
    assert found.sentence == (
        "You cannot fail over now: between machines an app cannot be moved yet; "
        "how pi-ctv is, is to be seen there alone."
    )
    assert [each.name for each in found.checks if each.verdict is not CheckVerdict.OK] == ["machines"]


def test_of_a_standby_that_was_not_asked_nothing_is_said(judge: Judge, pair: Pair) -> None:
    found = judge(standby=elsewhere("pi2"))
    assert [each.name for each in found.checks if each.verdict is not CheckVerdict.OK] == ["machines"]
    assert "pi2 has no copy" not in " ".join(each.evidence for each in found.checks)


def test_an_idle_primary_elsewhere_makes_no_copy_a_loss(judge: Judge, pair: Pair) -> None:
    idle = pair.holding(point=pair.point(3600, "c/000006"))
    found = judge(primary=elsewhere("pi-ctv"), standby=idle)
    assert [each.name for each in found.checks if each.verdict is not CheckVerdict.OK] == ["machines"]
