"""What is told as a problem, and what as serving, of one app."""

from types import SimpleNamespace as Pair

import pytest

from station.fleet import App
from station.watch.picture import AppPicture, app_picture
from station.watch.statuses import DivergenceSeen, DrillSeen, HostStatus, JobSeen, UnitStatus
from station.watch.storelog import StoreNews


@pytest.fixture
def look(app: App, pair: Pair):
    def picture(
        primary: HostStatus | None = None, standby: HostStatus | None = None, news: StoreNews | None = None
    ) -> AppPicture:
        hosts = {
            "pi-ctv": primary or pair.on_host("pi-ctv", "primary"),
            "pi2": standby or pair.on_host("pi2", "standby"),
        }
        return app_picture(app, hosts, news or pair.store(), pair.NOW)

    return picture


def test_a_pair_in_order_serves_and_has_no_problems(look) -> None:
    found = look()
    assert (found.serving, found.port, found.problems) == (True, 8000, ())
    assert found.address == "http://127.0.0.1:8000"


def test_a_silent_primary_is_not_said_to_serve_and_is_grave(look, pair: Pair) -> None:
    found = look(primary=pair.silent("pi-ctv", "primary", 30))
    assert found.serving is None
    assert [(problem.grave, problem.text) for problem in found.problems] == [(True, "pi-ctv was last heard 30 s ago")]


def test_units_of_the_other_role_that_were_stopped_are_no_problem(look, pair: Pair) -> None:
    stopped = UnitStatus("web", "stopped", None, None, 0, 8000, None)
    mirror = UnitStatus("mirror", "running", 7, None, 0, None, None)
    standby = pair.on_host("pi2", "standby", units=(stopped, mirror))
    assert standby.apps["bookedbiz"].wanted_units == (mirror,)
    assert look(standby=standby).problems == ()


def test_a_store_that_is_gone_is_told_once(look, pair: Pair) -> None:
    gone = "The store disk is gone"
    found = look(standby=pair.holding(error=gone), news=pair.store(error=gone))
    assert [problem.text for problem in found.problems] == ["the store disk is gone"]


def test_when_no_host_answers_that_alone_is_told(look, pair: Pair) -> None:
    found = look(pair.silent("pi-ctv", "primary", 90), pair.silent("pi2", "standby", 90))
    assert [problem.text for problem in found.problems] == ["no host answers"]


def test_a_divergence_is_told_with_its_file(look, pair: Pair) -> None:
    kept = DivergenceSeen("pi2", None, "main", 12, "/x/000002.wal")
    (problem,) = look(standby=pair.on_host("pi2", "standby", divergence=(kept,))).problems
    assert problem.text == "pi2 kept 12 pages of main that nobody else has"
    assert "/x/000002.wal" in problem.remedy


def test_a_nightly_copy_that_failed_is_told_with_what_to_try(look, pair: Pair) -> None:
    failed = JobSeen("copy", False, None, pair.ago(3600), pair.ago(3500), "the store disk is full")
    (problem,) = look(primary=pair.on_host("pi-ctv", "primary", jobs=(failed,))).problems
    assert problem.text == "the nightly portable copy failed: the store disk is full"
    assert problem.remedy == "Try it: `station db upload bookedbiz`"
    assert not problem.grave


def test_a_host_that_is_primary_no_more_has_no_failed_jobs(look, pair: Pair) -> None:
    failed = JobSeen("drill", False, None, pair.ago(3600), pair.ago(3500), "it is damaged")
    assert look(standby=pair.on_host("pi2", "standby", jobs=(failed,))).problems == ()


def test_the_newest_drill_counts_whichever_host_did_it(look, pair: Pair) -> None:
    old, new = (DrillSeen(host, "main", pair.ago(s), 12, True, None) for host, s in (("pi-ctv", 9000), ("pi2", 60)))
    primary, standby = pair.on_host("pi-ctv", "primary", drills=(old,)), pair.on_host("pi2", "standby", drills=(new,))
    assert look(primary, standby).drills == (new,)
