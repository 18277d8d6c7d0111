"""Litestream's replica as the status file tells it: read, a line of the status, and a problem when it is late."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace as Pair

from station.cli.status_text import replica_line
from station.watch.picture import app_picture
from station.watch.statuses import HostStatus, ReplicaSeen
from station.watch.statusread import parse_status

AT = "2026-11-21T09:12:00.000Z"
NOON = datetime(2026, 11, 21, 9, 12, tzinfo=UTC)


def with_replica(pair: Pair, replica: ReplicaSeen | None) -> HostStatus:
    return pair.on_host("pi-ctv", "primary", databases={"main": pair.database(litestream=replica)})


def look(app, pair: Pair, replica: ReplicaSeen | None):
    hosts = {"pi-ctv": with_replica(pair, replica), "pi2": pair.on_host("pi2", "standby")}
    return app_picture(app, hosts, pair.store(), pair.NOW)


def test_it_is_read_from_the_status_file() -> None:
    said = {"lag_s": 2.5, "newest": AT, "error": None}
    app = {"role": "primary", "databases": {"main": {"litestream": said}, "other": {}}}
    seen = parse_status("one", json.dumps({"at": AT, "apps": {"counter": app}}), NOON, NOON)
    databases = seen.apps["counter"].databases
    assert databases["main"].litestream == ReplicaSeen(2.5, NOON, None)
    assert databases["other"].litestream is None


def test_what_is_wrong_with_it_is_a_problem_that_stops_no_failover(app, pair: Pair) -> None:
    found = look(app, pair, ReplicaSeen(70.0, NOON, "Litestream's replica is 70 s behind (late after 60 s)"))
    assert [(problem.grave, problem.text) for problem in found.problems] == [
        (False, "Litestream's replica is 70 s behind (late after 60 s)")
    ]
    assert found.readiness.verdict == look(app, pair, None).readiness.verdict
    assert look(app, pair, ReplicaSeen(2.0, NOON, None)).problems == ()


def test_it_is_a_line_of_the_status(pair: Pair) -> None:
    assert replica_line(pair.database(litestream=ReplicaSeen(0.0, NOON, None))) == "main: has everything"
    assert replica_line(pair.database(litestream=ReplicaSeen(2.0, NOON, None))) == "main: 2 s behind"
    assert "not known" in replica_line(pair.database(litestream=ReplicaSeen(None, None, None)))
