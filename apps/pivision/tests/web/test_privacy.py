"""Of a camera with the blur, nobody gets a whole picture by any address; an admin who asks for one is written down."""

import itertools

import pytest

from pivision.config import Config, Region, RegionKind
from pivision.devices import configs, registry
from pivision.devices.audit import By
from pivision.pictures.filing import write_durably
from pivision.pictures.privacy import blurred
from pivision.testing.pictures import picture

GOODS = Region("eggs", RegionKind.INVENTORY, ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6)))
ROLES = ("pre", "during", "post")


@pytest.fixture
def stand(appliance, happen):
    """A blurred camera with a newest picture and an event: {address's last part: the picture as it was sent}."""
    device = appliance.device("stand")
    by = By("test", appliance.now)
    configs.put(appliance.db, device, Config(regions=(GOODS,)), by, expected=0)
    originals = {"latest": picture(9, 640, 480)}
    appliance.receive(device, [originals["latest"]])
    event_id = happen(device=device)
    for number, role in enumerate(ROLES):
        originals[role] = picture(number, 640, 480)
        path = f"events/{device}/{event_id}/{role}.jpg"
        write_durably(appliance.folder.file(path), originals[role])
    registry.blur(appliance.db, "stand", by, wanted=True)
    return originals


VALUES = {
    "event_id": [1], "number": [1], "role": [*ROLES, "annotated", "thumb"], "name": ["stand", "anna"],
    "filename": ["pivision.css"], "version": [0, 1],
}  # fmt: skip


def every_address(pages):
    """(method, address) of every rule, with all the values that there are for its parts."""
    adapter = pages.url_map.bind("localhost")
    for rule in pages.url_map.iter_rules():
        names = sorted(rule.arguments)
        for values in itertools.product(*(VALUES.get(name, [1, "stand"]) for name in names)):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                try:
                    yield method, adapter.build(rule.endpoint, dict(zip(names, values, strict=True)), method=method)
                except Exception:  # noqa: BLE001 - a value that this rule does not take
                    continue


def test_a_viewer_gets_no_whole_picture_by_any_address(pages, as_person, stand):
    guest, images = as_person("guest"), 0
    for method, address in every_address(pages):
        if "sign-" in address:
            continue
        answer = guest.open(address, method=method, buffered=True)
        assert not any(original[2000:2200] in answer.data for original in stand.values()), (method, address)
        images += answer.mimetype == "image/jpeg"
    assert images >= 4


def test_an_admin_gets_one_by_a_deed_alone(pages, anna, stand):
    for method, address in every_address(pages):
        if method == "GET":
            answer = anna.get(address, buffered=True)
            assert not any(original[2000:2200] in answer.data for original in stand.values()), address


def test_what_is_shown_is_the_goods(anna, stand):
    for role in ROLES:
        assert anna.get(f"/events/1/{role}.jpg").data == blurred(stand[role], [GOODS])
    assert anna.get("/cameras/stand/latest.jpg").data == blurred(stand["latest"], [GOODS])


def test_an_admin_who_looks_at_a_whole_picture_is_in_the_audit(anna, as_person, appliance, stand):
    answer = anna.post("/events/1/pre/original")
    assert answer.data == stand["pre"] and answer.headers["Cache-Control"] == "no-store"
    assert anna.post("/cameras/stand/original").data == stand["latest"]
    seen = appliance.rows("SELECT actor, key, new FROM audit WHERE action = 'original seen' ORDER BY id")
    assert seen[0] == {"actor": "anna", "key": "1", "new": "pre"}
    assert (seen[1]["key"], len(seen)) == ("stand", 2)
    guest = as_person("guest")
    assert [guest.post(f"/{place}/original").status_code for place in ("events/1/pre", "cameras/stand")] == [403, 403]
    assert anna.get("/events/1/pre/original").status_code == 405


def test_switching_it_on_is_seen_by_a_browser_that_kept_the_whole_picture(anna, appliance, stand):
    anna.post("/cameras/stand/privacy", data={"blur": "0"})
    whole = anna.get("/events/1/pre.jpg")
    assert whole.data == stand["pre"] and "no-cache" in whole.headers["Cache-Control"]
    kept = {"If-None-Match": whole.headers["ETag"]}
    assert anna.get("/events/1/pre.jpg", headers=kept).status_code == 304
    anna.post("/cameras/stand/privacy", data={"blur": "1"})
    again = anna.get("/events/1/pre.jpg", headers=kept)
    assert again.status_code == 200 and again.data == blurred(stand["pre"], [GOODS])
    assert [row["action"] for row in appliance.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 2")] == [
        "privacy blur on", "privacy blur off",
    ]  # fmt: skip


def test_regions_and_older_settings_do_not_switch_it_off(anna, appliance, stand):
    anna.post("/cameras/stand/settings/revert", data={"to": "0", "expected": "1"})
    assert registry.device(appliance.db, "stand").privacy_blur
    assert anna.get("/events/1/pre.jpg").data == blurred(stand["pre"], [])  # no goods are drawn in that version
    assert "nothing in its pictures can be recognised" in anna.get("/cameras/stand/settings").text


def test_a_viewer_cannot_switch_it(as_person, appliance, stand):
    assert as_person("guest").post("/cameras/stand/privacy", data={"blur": "0"}).status_code == 403
    assert registry.device(appliance.db, "stand").privacy_blur


def test_a_picture_that_cannot_be_blurred_is_not_shown(anna, appliance, stand):
    write_durably(appliance.folder.file(appliance.rows("SELECT path FROM event_picture")[0]["path"]), b"\xff\xd8 torn")
    assert {anna.get(f"/events/1/{role}.jpg").status_code for role in ROLES} == {200, 422}


def test_the_files_stay_as_the_camera_sent_them(anna, appliance, stand):
    anna.get("/events/1/pre.jpg")
    paths = [row["path"] for row in appliance.rows("SELECT path FROM event_picture ORDER BY role")]
    assert [appliance.folder.file(path).read_bytes() for path in paths] == [stand[role] for role in sorted(ROLES)]


@pytest.mark.browser
def test_regions_of_a_blurred_camera_are_drawn_on_the_whole_picture(appliance, browse, address):
    page = browse(1200, 900)
    registry.blur(appliance.db, "stand", By("test", appliance.now), wanted=True)
    page.goto(f"{address}/cameras/stand/regions")
    page.click("[data-whole]")
    page.wait_for_function("document.querySelector('.drawing img').src.startsWith('blob:')")
    page.wait_for_function("document.querySelector('.drawing img').naturalWidth === 640")
    assert appliance.rows("SELECT key FROM audit WHERE action = 'original seen'") == [{"key": "stand"}]
    page.goto(f"{address}/cameras/stand/settings")
    page.click("text=Show whole pictures again")
    page.wait_for_selector("text=Show the goods alone")
    assert not registry.device(appliance.db, "stand").privacy_blur
