"""A person with a browser: draws a region, sees the score, reviews an event on a phone."""

import pytest

from pivision.devices import configs
from pivision.testing.pictures import picture

pytestmark = pytest.mark.browser


def test_a_region_is_drawn_with_the_pointer_and_moved_with_the_keys(browse, address, appliance):
    page = browse(1280, 900)
    page.goto(f"{address}/cameras/stand/regions")
    page.click("button[data-kind=inventory]")
    canvas = page.locator("svg[role=application]").bounding_box()
    page.mouse.move(canvas["x"] + canvas["width"] * 0.2, canvas["y"] + canvas["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(canvas["x"] + canvas["width"] * 0.6, canvas["y"] + canvas["height"] * 0.5, steps=4)
    page.mouse.up()
    page.fill(".region-list input", "eggs")
    page.press(".region-list input", "Enter")
    page.locator("svg[role=application]").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.click("[data-store]")
    page.locator("[data-said]", has_text="Saved as version 1").wait_for()
    device = appliance.rows("SELECT id FROM device WHERE name = 'stand'")[0]["id"]
    [region] = configs.in_force(appliance.db, device).config.regions
    xs, ys = [x for x, _ in region.points], [y for _, y in region.points]
    assert (region.name, region.kind) == ("eggs", "inventory")
    assert min(xs) == pytest.approx(0.25, abs=0.02) and max(ys) == pytest.approx(0.5, abs=0.02)


def test_an_event_is_reviewed_on_a_phone(browse, address, appliance):
    page = browse(390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.click("text=Stock changed >> nth=0")
    page.wait_for_url("**/events/*")
    page.click("[data-blink]")
    assert page.locator(".compare.blinking").count() == 1
    page.fill("input[name=note]", "took items")
    page.click("button[value=right]")
    page.wait_for_load_state("networkidle")
    assert appliance.rows("SELECT review, note, reviewed_by FROM event") == [
        {"review": "right", "note": "took items", "reviewed_by": "anna"}
    ]


def test_every_page_fits_a_phone(browse, address):
    page = browse(390, 844)
    for path in ("dashboard", "events", "events/1", "cameras", "cameras/stand", "cameras/stand/regions",
                 "cameras/stand/settings", "storage", "notices", "people"):  # fmt: skip
        page.goto(f"{address}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_box_around_an_item_teaches_how_much_is_a_change(browse, address, appliance):
    [device] = [row["id"] for row in appliance.rows("SELECT id FROM device WHERE name = 'stand'")]
    appliance.receive(device, [picture(1, 640, 480)] * 4)
    appliance.db.execute("UPDATE capture SET status = 'processed', scores = '{\"phase\":\"idle\"}'")
    page = browse(1280, 900)
    page.goto(f"{address}/cameras/stand/regions")
    page.click("button[data-kind=inventory]")
    canvas = page.locator("svg[role=application]").bounding_box()
    for left, top, right, bottom in ((0.2, 0.2, 0.8, 0.8), (0.82, 0.82, 0.95, 0.95)):
        page.mouse.move(canvas["x"] + canvas["width"] * left, canvas["y"] + canvas["height"] * top)
        page.mouse.down()
        page.mouse.move(canvas["x"] + canvas["width"] * right, canvas["y"] + canvas["height"] * bottom, steps=3)
        page.mouse.up()
    page.locator("svg[role=application]").focus()
    for _ in range(45):  # the second box, drawn beside the first, goes into it
        page.keyboard.press("ArrowLeft")
    for _ in range(40):
        page.keyboard.press("ArrowUp")
    page.click("[data-teach]")
    page.wait_for_selector("[data-taught]:visible")
    assert "of “goods”" in page.inner_text("[data-taught]").lower()
    page.click("[data-take]")
    page.click("[data-store]")
    page.locator("[data-said]", has_text="Saved as version 1").wait_for()
    [region] = configs.in_force(appliance.db, device).config.regions
    assert region.name == "goods" and region.min_area == pytest.approx(0.4 * 0.13 * 0.13 / 0.36, abs=0.004)


def test_a_polygon_gets_and_loses_corners_with_the_pointer_and_with_the_keys(browse, address, appliance):
    page = browse(1280, 900)
    page.goto(f"{address}/cameras/stand/regions")
    page.click("button[data-kind=inventory]")
    canvas = page.locator("svg[role=application]")
    canvas.focus()
    page.keyboard.press("Enter")  # a box from 0.35 to 0.65
    area = canvas.bounding_box()
    x, y = area["x"] + area["width"] * 0.5, area["y"] + area["height"] * 0.35
    page.mouse.move(x, y)  # the dot between its upper corners
    page.mouse.down()
    page.mouse.move(x, area["y"] + area["height"] * 0.1, steps=4)
    page.mouse.up()
    assert page.locator("ellipse.corner").count() == 5
    canvas.focus()
    for key in ("Enter", "ArrowRight", "+", "ArrowDown", "Escape", "ArrowLeft"):  # moves one, adds one, moves all
        page.keyboard.press(key)
    assert page.locator("ellipse.corner").count() == 6 and page.locator("ellipse.chosen").count() == 0
    for key in ("Enter", "Delete"):
        page.keyboard.press(key)
    page.click("[data-remove-corner]")
    assert page.locator("[data-said]").inner_text().startswith("Corner 1 of 4")
    page.click("[data-store]")
    page.locator("[data-said]", has_text="Saved as version 1").wait_for()
    device = appliance.rows("SELECT id FROM device WHERE name = 'stand'")[0]["id"]
    [region] = configs.in_force(appliance.db, device).config.regions
    expected = [(0.65, 0.35), (0.645, 0.51), (0.64, 0.65), (0.34, 0.65)]
    assert [pytest.approx(point) for point in expected] == list(region.points)


def test_a_region_keeps_three_corners(browse, address):
    page = browse(1280, 900)
    page.goto(f"{address}/cameras/stand/regions")
    canvas = page.locator("svg[role=application]")
    canvas.focus()
    for key in ("Enter", "Enter", "Delete", "Delete"):
        page.keyboard.press(key)
    assert page.locator("ellipse.corner").count() == 3
    assert "three corners at least" in page.locator("[data-said]").inner_text()
    assert page.locator("[data-remove-corner]").is_disabled()


def test_a_threshold_that_is_being_typed_leaves_the_line_where_it_is(browse, address):
    page = browse(1280, 900)
    page.goto(f"{address}/cameras/stand/settings")
    line = page.locator(".strip .threshold")
    line.wait_for(state="attached")
    before = line.get_attribute("y1")
    page.fill("input[name=interaction_threshold]", "a bit less")
    with page.expect_response("**/scores*"):
        pass
    page.wait_for_timeout(100)
    assert line.get_attribute("y1") == before


def test_a_form_that_was_refused_still_has_what_was_typed(browse, address):
    page = browse(1280, 900)
    page.goto(f"{address}/cameras/stand/settings")
    page.fill("input[name=interaction_threshold]", "7")
    page.click("text=Save as version")
    page.click("text=Back to the form")
    page.locator("form.settings").wait_for()
    assert page.input_value("input[name=interaction_threshold]") == "7"
