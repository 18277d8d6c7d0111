"""The nightly jobs of a whole fleet that runs: made by the primary's agent, shown, and not made again by the next."""

import pytest

SCHEDULE = """
[apps.counter.copy]
at = "00:00"
jitter_s = 0
[apps.counter.drill]
at = "00:00"
"""


@pytest.mark.slow
def test_copy_and_drill_are_done_shown_and_not_done_again_after_a_failover(new_fleet, wait_for):
    fleet = new_fleet()
    fleet.manifest.write_text(fleet.manifest.read_text() + SCHEDULE)
    fleet.up()
    wait_for(lambda: fleet.app_status("one")["drills"], 60, "the drill")
    wait_for((fleet.folder / "store/counter/main/database.db").exists, 60, "the copy")
    assert "last drill" in fleet.station("status").stdout
    record = fleet.folder / "store/counter/main/database.db.json"
    made = record.read_bytes()
    assert "unchanged, nothing sent" in fleet.station("db", "upload").stdout
    assert record.read_bytes() != made
    made = record.read_bytes()
    fleet.station("failover", "counter", "--yes")
    log = fleet.folder / "two/var/log/counter-copy.log"
    wait_for(lambda: log.exists() and "was copied already" in log.read_text(), 60, "the second host's look")
    assert record.read_bytes() == made
    fleet.add("on two")
    assert "copied by the store" not in fleet.station("db", "backup", "on-two").stdout
    assert "database.db in disk: checked and stored" in fleet.station("db", "upload").stdout
    assert "copied by the store" in fleet.station("db", "backup", "again").stdout
