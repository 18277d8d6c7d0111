"""What people and cameras say is text on every page, whatever it looks like."""

from pivision.config import Config, Region, RegionKind
from pivision.devices import configs
from pivision.devices.audit import By

EVIL = "\"'><img src=x onerror=alert(1)><script>x</script>{{7*7}}"
PAGES = (
    "/dashboard", "/events", "/events/1", "/cameras", "/cameras/stand", "/cameras/stand/regions",
    "/cameras/stand/settings", "/storage", "/notices", "/people", "/events?device=%s", "/events?words=%s",
    "/notices?tried=%s", "/cameras/%s", "/nothing/%s",
)  # fmt: skip


def test_no_text_becomes_a_part_of_a_page(anna, appliance, happen):
    device, evil = appliance.device("stand"), By(EVIL, appliance.now)
    goods = Region(EVIL[:64], RegionKind.INVENTORY, ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0)))
    configs.put(appliance.db, device, Config(regions=(goods,)), evil, expected=0, why=EVIL)
    assert happen("stock_changed", device=device, slot=EVIL, note=EVIL) == 1
    for statement in (
        "UPDATE device SET title = ?1, notes = ?1, fw_version = ?1, reset_reason = ?1, boot_id = ?1",
        "UPDATE event SET summary = ?1, reviewed_by = ?1, details = json_object('trace', json_array(?1), ?1, ?1)",
        "INSERT INTO health (name, last_error_at, last_error) VALUES (?1, '2026-11-20T12:00:00.000Z', ?1)",
        "INSERT INTO audit (at, actor, action, key, old, new) VALUES ('2026-11-20T12:00:00.000Z', ?1, ?1, ?1, ?1, ?1)",
    ):
        appliance.db.execute(statement, (EVIL,))
    shown = 0
    for place in PAGES:
        page = anna.get(place.replace("%s", EVIL)).text
        assert "<img src=x" not in page and "<script>x" not in page and "/script&gt;49" not in page, place
        shown += page.count("&lt;script&gt;x")
    assert shown > 20
