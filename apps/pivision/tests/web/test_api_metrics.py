"""Figures for programs: the machine, the requests, the queue, the database."""

ADMIN = "/api/v1/admin/metrics"


def test_the_machine_says_how_it_does(anna):
    found = anna.get(f"{ADMIN}/system").json
    assert found["ok"] and 0 < found["memory_percent"] < 100 and 0 < found["disk_free_gb"] <= found["disk_total_gb"]
    assert found["cpu_percent"] >= 0 and found["uptime_s"] > 0


def count(appliance, minute, code, requests, ms, endpoint="/api/v1/ingest/frame"):
    values = (minute, endpoint, code, requests, requests * ms, ms * 2, 1000)
    appliance.db.execute("INSERT INTO ingest_minute VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def test_requests_are_counted_in_twelve_steps_of_five_minutes(anna, appliance):
    appliance.pass_time(minutes=3)  # 12:03
    count(appliance, "2026-11-20T12:01Z", "ok", 10, 4.0)
    count(appliance, "2026-11-20T12:02Z", "key_unknown", 2, 1.0)
    count(appliance, "2026-11-20T11:05Z", "duplicate", 1, 2.0)
    count(appliance, "2026-11-20T11:04Z", "ok", 99, 2.0)
    count(appliance, "2026-11-20T12:01Z", "ok", 7, 2.0, "/api/v1/ingest/heartbeat")
    found = anna.get(f"{ADMIN}/ingest").json
    assert len(found["steps"]) == 12
    assert found["steps"][-1] == {
        "at": "2026-11-20T12:00Z", "ok": 10, "failed": 2, "mean_ms": 3.5, "slowest_ms": 8.0,
    }  # fmt: skip
    assert found["steps"][0] == {"at": "2026-11-20T11:05Z", "ok": 1, "failed": 0, "mean_ms": 2.0, "slowest_ms": 4.0}
    assert found["steps"][1]["mean_ms"] is None
    assert (found["last_hour"]["ok"], found["last_hour"]["failed"]) == (11, 2)
    assert sum(each["requests"] for each in found["totals"]) == 119


def test_the_queue_says_what_waits_and_since_when(anna, appliance):
    device = appliance.device("stand")
    appliance.receive(device, [b"x"] * 3, every_s=1)
    appliance.db.execute("UPDATE job SET status = 'dead' WHERE id = 3")
    found = anna.get(f"{ADMIN}/queue").json
    assert (found["queued"], found["dead"], found["lag_s"], found["depth"]) == (2, 1, 3.0, 2)
    assert found["devices"] == [{"device_id": "stand", "jobs": 2, "lag_s": 3.0}] and found["worker_seen_at"] is None


def test_the_database_says_how_much_is_in_it(anna, appliance, happen):
    happen()
    found = anna.get(f"{ADMIN}/database").json
    tables = {each["name"]: each for each in found["tables"]}
    assert tables["event_picture"] == {"name": "event_picture", "rows": 3, "last_write": "2026-11-20T12:01:00.000Z"}
    assert found["bytes"] > 0 and found["schema_version"] == appliance.rows("PRAGMA user_version")[0]["user_version"]
