"""The start page, the timeline, one event, and what a person says of it."""

import csv
import io
import json
from datetime import timedelta

import pytest

from pivision.moments import utc_text
from pivision.worker.rounds import Round, walk


def test_the_start_page_shows_every_camera_and_what_happened(anna, appliance, happen):
    device = appliance.device("stand")
    appliance.receive(device, [b"\xff\xd8 a picture \xff\xd9"])
    happen(device=device)
    page = anna.get("/dashboard").text
    assert "stand" in page and "Visit" in page and "Untuned" in page
    assert anna.get("/cameras/stand/latest.jpg").data == b"\xff\xd8 a picture \xff\xd9"


def test_a_worker_that_is_silent_is_said_at_once(anna):
    assert "Nothing is being looked at" in anna.get("/dashboard").text


def test_a_part_that_fails_is_said_until_it_is_well_again(anna, appliance):
    def fails():
        raise OSError("no room")

    duty = Round("leases", 1.0, fails)
    walk(appliance.db, [duty], 0.0, lambda: appliance.now)
    assert "no room" in anna.get("/dashboard").text
    duty.do = lambda: None
    walk(appliance.db, [duty], 5.0, lambda: appliance.pass_time(seconds=5))
    assert "no room" not in anna.get("/dashboard").text


def test_a_camera_that_was_covered_stays_on_the_start_page_until_it_ends(anna, appliance, happen):
    event_id = happen("camera_obstructed", ended_at=None)
    assert 'class="problem"><a' in anna.get("/dashboard").text
    appliance.db.execute("UPDATE event SET ended_at = ? WHERE id = ?", (utc_text(appliance.now), event_id))
    assert 'class="problem"><a' not in anna.get("/dashboard").text


def test_a_camera_without_a_picture_has_none_to_show(anna, appliance):
    appliance.device("stand")
    assert anna.get("/cameras/stand/latest.jpg").status_code == 404
    assert anna.get("/cameras/nobody/latest.jpg").status_code == 404


def shown(client, address):
    return [
        int(part.split('"')[0]) for part in client.get(address).text.split('href="/events/')[1:] if part[0].isdigit()
    ]


def test_the_timeline_is_the_newest_first_and_goes_on_page_by_page(anna, happen):
    made = [happen() for _ in range(30)]
    first = anna.get("/events").text
    assert shown(anna, "/events") == made[::-1][:24]
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert shown(anna, older) == made[::-1][24:]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("kind=stock_changed", {1}),
        ("review=wrong", {2}),
        ("starred=1", {0}),
        ("words=eggs", {1}),
        ("since=2026-11-21", set()),
        ("until=2026-11-20", {0, 1, 2}),
        ("kind=nonsense&since=nonsense&before=x,y", {0, 1, 2}),
    ],
)
def test_the_timeline_is_narrowed_by_its_address(anna, happen, asked, expected):
    made = [happen(starred=1), happen("stock_changed", note="took eggs"), happen(review="wrong")]
    assert set(shown(anna, f"/events?{asked}")) == {made[place] for place in expected}


def test_one_event_shows_before_and_after_and_why(anna, happen):
    page = anna.get(f"/events/{happen()}").text
    assert "data-compare" in page and "motion peak" in page and "0.712" in page and "somebody came" in page
    assert anna.get("/events/999").status_code == 404


@pytest.mark.parametrize("role", ["..%2f..%2fpivision.db", "thumb", "pre/../../x"])
def test_a_picture_is_asked_for_by_what_it_shows_and_never_by_a_path(anna, happen, role):
    event_id = happen()
    assert anna.get(f"/events/{event_id}/pre.jpg", buffered=True).data == b"\xff\xd8pre\xff\xd9"
    assert anna.get(f"/events/{event_id}/{role}.jpg").status_code == 404


def test_a_picture_on_the_other_host_is_said_to_be_there(anna, appliance, happen):
    event_id = happen()
    for row in appliance.rows("SELECT path FROM event_picture"):
        appliance.folder.file(row["path"]).unlink(missing_ok=True)
    appliance.db.execute("UPDATE event_picture SET host = 'pi-ctv'")
    answer = anna.get(f"/events/{event_id}/pre.jpg")
    assert (answer.status_code, answer.mimetype) == (404, "image/svg+xml")
    assert "It is on pi-ctv" in answer.text


def test_a_picture_that_retention_took_is_said_to_be_gone(anna, appliance, happen):
    event_id = happen()
    appliance.db.execute("UPDATE event_picture SET deleted_at = 'x'")
    assert anna.get(f"/events/{event_id}/pre.jpg").status_code == 404
    assert "older than pictures are kept" in anna.get(f"/events/{event_id}").text


def test_what_a_person_says_is_kept_with_their_name(anna, appliance, happen):
    event_id = happen()
    anna.post(f"/events/{event_id}", data={"review": "wrong", "note": " only a shadow ", "starred": "1"})
    [row] = appliance.rows("SELECT review, note, starred, reviewed_by FROM event")
    assert row == {"review": "wrong", "note": "only a shadow", "starred": 1, "reviewed_by": "anna"}
    assert appliance.rows("SELECT action, actor FROM audit ORDER BY id DESC LIMIT 1") == [
        {"action": "event reviewed", "actor": "anna"}
    ]


def test_reviewing_leads_to_the_next_one_that_nobody_looked_at(anna, happen):
    older, newer = happen(), happen()
    answer = anna.post(f"/events/{newer}", data={"review": "right", "next": "unreviewed"})
    assert answer.headers["Location"] == f"/events/{older}"
    answer = anna.post(f"/events/{older}", data={"review": "right", "next": "unreviewed"})
    assert answer.headers["Location"] == "/events?review=new"


def test_a_deleted_event_leaves_no_picture(anna, appliance, happen):
    event_id = happen()
    anna.post(f"/events/{event_id}/delete")
    assert appliance.rows("SELECT count(*) AS n FROM event_picture") == [{"n": 0}]
    assert list(appliance.folder.events.rglob("*")) == []


def test_the_file_holds_what_the_timeline_shows_and_no_formula(anna, happen):
    happen(note="=HYPERLINK(1)")
    happen("stock_changed")
    text = anna.get("/events.csv?kind=interaction_detected").data.decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text))
    assert line["kind"] == "interaction_detected" and line["note"] == "'=HYPERLINK(1)"


def because(appliance, event_id, **details):
    appliance.db.execute("UPDATE event SET details = ? WHERE id = ?", (json.dumps(details), event_id))


def test_why_an_event_is_one_is_told_in_words(anna, appliance, happen):
    event_id, seen = happen("stock_changed"), appliance.now.timestamp()
    because(appliance, event_id, last_seen_s=seen, how="too_long", box=[0.16, 0.5], baseline_age_s=16.2, new_thing=1,
            trace=["difference_without_visit"])  # fmt: skip
    page = anna.get(f"/events/{event_id}").text
    for words in ("<dd>12:01:00", "longer than the longest visit", "<dd>0.16, 0.5</dd>", "16.2 s", "<dt>new thing</dt>",
                  "nobody was seen between them"):  # fmt: skip
        assert words in page, words


def test_a_visit_lasted_until_somebody_was_last_seen(anna, appliance, happen):
    event_id = happen(ended_at=utc_text(appliance.now + timedelta(seconds=73)))
    because(appliance, event_id, last_seen_s=appliance.now.timestamp() + 8)
    assert "· 8 s" in anna.get("/events").text
