"""How an app's stores stand: what counts as well, as late, as failing, and what is said of it."""

from types import SimpleNamespace as Pair
from typing import Any

import pytest

from station.cli.status_text import store_line
from station.fleet import App
from station.points.point import Point
from station.watch.checks import Check, CheckVerdict
from station.watch.picture import AppPicture, app_picture
from station.watch.readiness import Verdict
from station.watch.statuses import HostStatus, LeaseSeen, StoreSeen, UnitStatus
from station.watch.storelog import StoreNews, StoreView
from station.watch.storestand import late_after_s
from station.web.words import store_word


@pytest.fixture
def look(two_stores: App, pair: Pair) -> Any:
    def picture(primary: HostStatus, news: StoreNews | None = None, every_s: float = 3.0) -> AppPicture:
        hosts = {"pi-ctv": primary, "pi2": pair.on_host("pi2", "standby")}
        return app_picture(two_stores, hosts, news or pair.store(), pair.NOW, {"usb": every_s})

    return picture


def _check(found: AppPicture) -> Check:
    return next(check for check in found.readiness.checks if check.name == "stores")


def _point(taken_at: Any, digest: str) -> Point:
    return Point("bookedbiz", "main", "000003-pi-ctv-x", 7, 3, "pi-ctv", taken_at, 4096, 1, 1, digest, 9, "0" * 64)


def test_a_store_that_holds_what_the_first_holds_is_well_however_old_that_is(look, pair: Pair) -> None:
    found = look(pair.with_usb())
    assert [(stand.store, stand.first, stand.well) for stand in found.stores] == [
        ("disk", True, True),
        ("usb", False, True),
    ]
    assert found.stores[1].behind_since is None
    assert _check(found).verdict is CheckVerdict.OK
    assert _check(found).evidence == "newest points: usb 5 min ago"
    assert found.readiness.verdict is Verdict.READY


def test_an_error_is_told_with_what_to_try_and_stops_no_failover(look, pair: Pair) -> None:
    found = look(pair.with_usb(error="The store usb is gone: there is no folder /media/usb"))
    assert (_check(found).verdict, found.readiness.verdict) == (CheckVerdict.WARN, Verdict.DEGRADED)
    (problem,) = found.problems
    assert problem.text == "the store usb is gone: there is no folder /media/usb"
    assert problem.remedy == "Try it: `station db test bookedbiz --store usb`"
    assert not problem.grave


def test_an_error_that_does_not_name_its_store_gets_the_name(look, pair: Pair) -> None:
    assert _check(look(pair.with_usb(error="no route to host"))).evidence == "usb: no route to host"


@pytest.mark.parametrize(("behind_s", "every_s", "well"), [(50, 3, True), (70, 3, False), (70, 60, True)])
def test_a_store_is_late_after_a_minute_or_three_of_its_periods(
    look, pair: Pair, behind_s: float, every_s: float, well: bool
) -> None:
    view = StoreView((), tuple(_point(pair.ago(s), f"{s:032x}") for s in (400, behind_s, 30)), ())
    found = look(pair.with_usb(digest="e" * 32), StoreNews(view, 1.0, None), every_s)
    assert found.stores[1].behind_since == pair.ago(behind_s)
    assert found.stores[1].well is well
    assert ("usb is behind by 70 s" in _check(found).evidence) is not well


def test_what_was_written_a_moment_ago_after_a_quiet_hour_is_not_late(look, pair: Pair) -> None:
    found = look(pair.with_usb(digest="e" * 32))  # the first store's newest point is 4 s old, this one's 5 min
    assert found.stores[1].behind_since == pair.ago(4)
    assert found.stores[1].well


def test_a_sending_that_takes_long_is_late(look, pair: Pair) -> None:
    found = look(pair.with_usb(sending_since=pair.ago(600)))
    assert _check(found).evidence == "sending to usb since 09:02:07"


def test_an_empty_store_and_one_that_nobody_told_of_are_not_well(look, pair: Pair) -> None:
    assert _check(look(pair.with_usb(point=None))).evidence == "usb has no point of this primary yet"
    sending = look(pair.with_usb(point=None, sending_since=pair.ago(5)))
    assert _check(sending).evidence == "usb has no point of this primary, sending since 09:12:02"
    silent = look(pair.on_host("pi-ctv", "primary"))
    assert _check(silent).evidence == "nobody has told of usb yet"
    assert _check(silent).verdict is CheckVerdict.WARN


@pytest.mark.parametrize(("since_s", "verdict"), [(14, CheckVerdict.OK), (16, CheckVerdict.WARN)])
@pytest.mark.parametrize("began", ["lease", "unit"])
def test_a_new_primary_is_given_a_moment_for_its_first_report(
    look, pair: Pair, began: str, since_s: float, verdict: CheckVerdict
) -> None:
    changes: dict[str, Any] = {"units": (UnitStatus("points", "running", 7, pair.ago(since_s), 0, None, None),)}
    if began == "lease":
        changes = {"lease": LeaseSeen(4, "pi-ctv", pair.ago(since_s), "failover")}
    for database in (pair.database(), pair.database(stores={"usb": StoreSeen("usb", None, None, None)})):
        found = look(pair.on_host("pi-ctv", "primary", databases={"main": database}, **changes))
        assert _check(found).verdict is verdict
        assert found.stores[1].awaited is found.stores[1].well is (verdict is CheckVerdict.OK)
        if verdict is CheckVerdict.OK:
            assert _check(found).evidence == "usb: waits for the first report of pi-ctv"
            assert store_line(found.stores[1], pair.NOW) == "waits for the first report"
            assert store_word(found.stores[1]) == "awaited"


def test_an_error_is_told_at_once_by_a_new_primary_too(look, pair: Pair) -> None:
    said = {"usb": StoreSeen("usb", None, "The store usb is gone", None)}
    lease = LeaseSeen(4, "pi-ctv", pair.ago(3), "failover")
    primary = pair.on_host("pi-ctv", "primary", databases={"main": pair.database(stores=said)}, lease=lease)
    assert _check(look(primary)).verdict is CheckVerdict.WARN


@pytest.mark.parametrize(("every_s", "word"), [(3, "catching up"), (20, "fresh")])
def test_a_store_is_not_catching_up_while_its_rhythm_is_kept(look, pair: Pair, every_s: float, word: str) -> None:
    view = StoreView((), tuple(_point(pair.ago(s), f"{s:032x}") for s in (20, 4)), ())
    found = look(pair.with_usb(digest="e" * 32), StoreNews(view, 1.0, None), every_s)
    assert found.stores[1].well and store_word(found.stores[1]) == word


def test_with_a_silent_primary_a_failover_is_as_good_as_without_the_second_store(look, pair: Pair) -> None:
    found = look(pair.silent("pi-ctv", "primary", 30))
    assert (_check(found).verdict, found.readiness.verdict) == (CheckVerdict.LOSS, Verdict.READY_WITH_LOSS)
    assert _check(found).evidence == "nobody brings usb up to date while pi-ctv is silent"


def test_one_store_needs_no_second(judge) -> None:
    check = next(check for check in judge().checks if check.name == "stores")
    assert check.verdict is CheckVerdict.OK


def test_the_first_store_is_not_well_when_it_cannot_be_read(look, pair: Pair) -> None:
    assert not look(pair.with_usb(), pair.store(error="The store disk is gone")).stores[0].well


def test_how_long_a_store_may_be_behind_comes_from_its_period() -> None:
    assert (late_after_s(1), late_after_s(3600)) == (60, 10805)
