"""An app that fails again and again: somebody is told, once, and it is tried again without anybody."""

import json
from datetime import UTC, datetime, time

from lab.host import Host

UNIT = "standin-server.service"
ALERTS = "/var/log/station/alerts.jsonl"
SOONER = "[Timer]\nOnActiveSec=\nOnActiveSec=2\n"  # in place of ten minutes


def alerts(host: Host) -> list[dict[str, object]]:
    return [said for line in host.read(ALERTS).splitlines() if (said := json.loads(line))["unit"] == UNIT]


def seconds_until_next(told: dict[str, object]) -> float:
    """From the alert to the moment at which it says that the unit is tried again."""
    told_at = datetime.fromisoformat(str(told["at"]))
    again = str(told["text"]).partition("it is tried again at ")[2][:8]
    return (datetime.combine(told_at, time.fromisoformat(again), UTC) - told_at).total_seconds() % 86400


def test_a_crash_loop_ends_is_told_of_once_and_tried_again_until_it_works(standin: Host) -> None:
    standin.write(f"/etc/systemd/system/station-again@{UNIT}.timer.d/sooner.conf", SOONER)
    standin.write(f"/etc/systemd/system/{UNIT}.d/sooner.conf", "[Service]\nRestartSec=0.1\n")
    standin.run("systemctl", "daemon-reload")
    standin.write("/var/lib/standin/broken", "")
    standin.run("systemctl", "restart", UNIT, check=False)
    standin.until("grep", "-q", UNIT, ALERTS, within_s=60)
    standin.until("sh", "-c", f"test $(grep -c {UNIT} {ALERTS}) -ge 2", within_s=60)  # it was tried again, in vain
    standin.run("rm", "/var/lib/standin/broken")
    standin.until("curl", "-fsS", "http://127.0.0.1:8080/health", within_s=60)
    first, second = alerts(standin)[:2]
    assert (first["about"], first["told"], second["told"]) == ("standin", True, False)
    assert "it ended with 1, " in str(first["text"]) and "times in a row; it is tried again at " in str(first["text"])
    assert "it is broken" in str(first["text"])
    assert seconds_until_next(second) < 60  # as the timer has it, and not as it is by default
    standin.until("grep", "-q", f"{UNIT} runs again", "/var/log/station/events.jsonl")


def test_an_alert_names_the_unit_that_systemd_names(standin: Host) -> None:
    """A job's unit has the moment in its name, which the unit that OnFailure= names has not."""
    command = ("station", "alert", "--unit", "standin-copy")
    standin.run("env", "MONITOR_UNIT=standin-copy@2026-11-21T02:05:00.000Z.service", "MONITOR_SERVICE_RESULT=exit-code",
                "MONITOR_EXIT_STATUS=16", *command)  # fmt: skip
    last = json.loads(standin.read(ALERTS).splitlines()[-1])
    assert last["unit"] == "standin-copy@2026-11-21T02:05:00.000Z.service"
    assert "has failed: it ended with 16" in last["text"]
