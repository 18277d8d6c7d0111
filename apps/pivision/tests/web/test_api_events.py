"""Events for programs: the names of the contract that came first, filters, cursors, what a person says of one."""

import pytest

from pivision.moments import utc_text

ADMIN = "/api/v1/admin"


def ids(answer):
    return [each["id"] for each in answer.json["events"]]


def test_an_event_has_the_names_that_clients_know(anna, appliance, happen):
    device = appliance.device("stand")
    event_id = happen(device=device, note="took eggs")
    appliance.pass_time(minutes=5, seconds=30)
    answer = anna.get(f"{ADMIN}/events?limit=10").json
    [event] = answer["events"]
    assert (answer["ok"], answer["next"]) == (True, None)
    assert event | {
        "id": event_id, "device_id": "stand", "event_type": "interaction_detected",
        "event_ts": "2026-11-20T12:01:00.000Z", "note": "took eggs", "confidence": 0.9, "width": 640, "height": 480,
        "capture_ts": None, "has_image": True, "resolution": "640x480", "age_minutes": 5,
    } == event  # fmt: skip
    assert anna.get(event["image_url"], buffered=True).data == b"\xff\xd8during\xff\xd9"


def test_pages_hold_every_event_once_also_when_some_come_and_go_meanwhile(anna, appliance, happen):
    device = appliance.device("stand")
    made = [happen(device=device) for _ in range(7)]
    first = anna.get(f"{ADMIN}/events?limit=3")
    happen(device=device)
    appliance.db.execute("DELETE FROM event WHERE id = ?", (made[4],))
    second = anna.get(f"{ADMIN}/events?limit=3&cursor={first.json['next']}")
    third = anna.get(f"{ADMIN}/events?limit=3&cursor={second.json['next']}")
    assert (ids(first), ids(second), ids(third)) == (made[:3:-1], made[3:0:-1], made[:1])
    assert third.json["next"] is None


def test_events_of_one_moment_are_all_told(anna, appliance, happen):
    device = appliance.device("stand")
    made = [happen(device=device) for _ in range(3)]
    appliance.db.execute("UPDATE event SET started_at = ?", (utc_text(appliance.now),))
    first = anna.get(f"{ADMIN}/events?limit=2").json
    assert [each["id"] for each in first["events"]] == made[:0:-1]
    assert ids(anna.get(f"{ADMIN}/events?cursor={first['next']}")) == made[:1]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("type=stock_changed", {1}),
        ("device=shed", {2}),
        ("reviewed=true", {2}),
        ("reviewed=0", {0, 1}),
        ("review=wrong", {2}),
        ("starred=true", {0}),
        ("text=100%25", {1}),
        ("text=EGGS", {1}),
        ("text=_", set()),
        ("from=2026-11-20T12:01:30Z", {1, 2}),
        ("to=2026-11-20T14:01:30%2B02:00", {0}),
        ("from=2026-11-20&to=2026-11-20", {0, 1, 2}),
        ("from=2026-11-21", set()),
        ("", {0, 1, 2}),
    ],
)
def test_events_are_narrowed(anna, appliance, happen, asked, expected):
    stand, shed = appliance.device("stand"), appliance.device("shed")
    made = [
        happen(device=stand, starred=1),
        happen("stock_changed", device=stand, note="took eggs: 100% of them"),
        happen(device=shed, review="wrong"),
    ]
    assert set(ids(anna.get(f"{ADMIN}/events?{asked}"))) == {made[place] for place in expected}


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=501", "limit=x", "cursor=x", "cursor=2026-99-99T00:00:00.000Z_1", "type=nonsense", "devcie=shed",
     "starred=maybe", "from=yesterday", "to=2026-11-20T12:00:00", "limit=1&limit=2"],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_and_no_other_answered(anna, happen, asked):
    happen()
    answer = anna.get(f"{ADMIN}/events?{asked}")
    assert answer.status_code == 400 and answer.json["code"] == "bad_field" and answer.json["ok"] is False


def test_a_list_that_is_as_it_was_is_not_sent_again(anna, appliance, happen):
    event_id = happen()
    tag = anna.get(f"{ADMIN}/events").headers["ETag"]
    appliance.pass_time(minutes=3)
    again = anna.get(f"{ADMIN}/events", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    appliance.db.execute("UPDATE event SET note = 'x' WHERE id = ?", (event_id,))
    assert anna.get(f"{ADMIN}/events", headers={"If-None-Match": tag}).status_code == 200


def test_one_event_says_why_it_was_one_and_which_pictures_went(anna, appliance, happen):
    event_id = happen()
    appliance.db.execute("UPDATE event_picture SET deleted_at = stored_at WHERE role = 'pre'")
    event = anna.get(f"{ADMIN}/events/{event_id}").json["event"]
    assert event["details"] == {"motion_peak": 0.71234} and event["trace"] == ["interaction_start"]
    assert set(event["pictures"]) == {"during", "post"}
    gone = next(each for each in event["files"] if each["role"] == "pre")
    assert gone["url"] is None and gone["deleted_at"] and gone["width"] == 640
    answer = anna.get(f"{ADMIN}/events/999")
    assert (answer.status_code, answer.json["code"]) == (404, "no_such_event")


@pytest.mark.parametrize("method", ["patch", "post"])
def test_what_is_said_of_an_event_is_kept_and_the_rest_left(anna, appliance, happen, method):
    event_id = happen(note="took eggs")
    ask = getattr(anna, method)
    event = ask(f"{ADMIN}/events/{event_id}", json={"review": "wrong", "starred": True}).json["event"]
    assert (event["review"], event["starred"], event["note"]) == ("wrong", True, "took eggs")
    assert event["reviewed_by"] == "anna"
    event = ask(f"{ADMIN}/events/{event_id}", json={"note": " only a shadow "}).json["event"]
    assert (event["review"], event["note"], event["starred"]) == ("wrong", "only a shadow", True)


@pytest.mark.parametrize(
    ("said", "code"),
    [({"review": "maybe"}, "bad_field"), ({"starred": 1}, "bad_field"), ({"stared": True}, "bad_field"),
     ({"note": "x" * 1001}, "bad_field"), ({"note": None}, "bad_field"), ({"note": "\ud800"}, "bad_field"),
     (["note"], "bad_json")],
)  # fmt: skip
def test_what_makes_no_sense_is_said_of_no_event(anna, appliance, happen, said, code):
    event_id = happen()
    answer = anna.patch(f"{ADMIN}/events/{event_id}", json=said)
    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert appliance.rows("SELECT review, note, starred FROM event") == [{"review": "new", "note": "", "starred": 0}]


def test_a_deleted_event_is_gone_with_its_pictures(anna, appliance, happen):
    event_id = happen()
    assert anna.delete(f"{ADMIN}/events/{event_id}").json == {"ok": True, "deleted": event_id}
    assert list(appliance.folder.events.rglob("*")) == []
    assert anna.delete(f"{ADMIN}/events/{event_id}").status_code == 404


def test_a_picture_is_asked_for_by_what_it_shows_and_not_sent_twice(anna, happen):
    address = f"{ADMIN}/events/{happen()}/pictures"
    first = anna.get(f"{address}/pre", buffered=True)
    assert first.data == b"\xff\xd8pre\xff\xd9" and first.mimetype == "image/jpeg"
    assert anna.get(f"{address}/pre", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    for role in ("thumb", "..%2f..%2fpivision.db"):
        assert anna.get(f"{address}/{role}").status_code == 404


def test_a_star_is_in_the_audit(anna, appliance, happen):
    event_id = happen()
    anna.patch(f"/api/v1/admin/events/{event_id}", json={"starred": True, "note": "eggs"})
    anna.patch(f"/api/v1/admin/events/{event_id}", json={"starred": False, "review": "right"})
    noted = appliance.rows("SELECT old, new FROM audit WHERE action = 'event reviewed' ORDER BY id")
    assert [tuple(each.values()) for each in noted] == [
        ("new", "new, starred, another note"), ("new, starred", "right"),
    ]  # fmt: skip
