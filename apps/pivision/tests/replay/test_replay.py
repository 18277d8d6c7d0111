"""A replay finds what is in the pictures, shows it, and compares settings."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pivision.cli import pivision
from pivision.config import Config, Tuning
from pivision.replay import whatif
from pivision.replay.plot import svg
from pivision.replay.running import Run, events_of, replay
from pivision.replay.shots import Shot
from pivision.replay.whatif import Scored
from pivision.vision.findings import Finding, Kind, Moment

Visit = tuple[list[bytes], Config]


@pytest.fixture(scope="session")
def shots(visit: Visit) -> list[Shot]:
    return [Shot(number, number / 2, 640, 480, jpeg) for number, jpeg in enumerate(visit[0], start=1)]


@pytest.fixture(scope="session")
def run(shots: list[Shot], visit: Visit) -> Run:
    return replay(shots, visit[1])


def test_a_visit_and_what_was_taken_are_found(run: Run) -> None:
    assert [each.kind for each in run.events if each.kind is Kind.INTERACTION] == [Kind.INTERACTION]
    assert any(each.kind is Kind.STOCK_CHANGED and each.slot for each in run.events)


def test_every_picture_has_a_point(run: Run) -> None:
    assert [each.number for each in run.points] == list(range(1, 241))
    assert run.length_s == 119.5


def test_a_picture_that_cannot_be_read_is_counted_and_passed(shots: list[Shot], visit: Visit) -> None:
    broken = [*shots[:3], replace(shots[3], jpeg=b"no picture"), *shots[4:6]]
    found = replay(broken, visit[1])
    assert (found.unreadable, len(found.points)) == (1, 5)


def test_moments_that_go_back_are_put_right(shots: list[Shot], visit: Visit) -> None:
    found = replay([replace(shots[0], at_s=5.0), replace(shots[1], at_s=2.0)], visit[1])
    assert found.points[1].at_s > found.points[0].at_s


def test_beginning_and_end_are_one_event() -> None:
    begun = Finding(Kind.INTERACTION, Moment.BEGUN, 7, 3.0, 3.5, 0.6)
    ended = Finding(Kind.INTERACTION, Moment.ENDED, 7, 3.0, 12.0, 0.8, summary="Visit")
    (event,) = events_of([begun, ended])
    assert (event.told_s, event.ended_s, event.confidence) == (3.5, 12.0, 0.8)


def test_the_plot_is_svg_with_each_event(run: Run, visit: Visit) -> None:
    drawn = svg(run, visit[1].tuning, "a <stand>")
    root = ET.fromstring(drawn)
    words = " ".join(root.itertext())
    assert "a <stand>" in words
    for each in run.events:
        assert f"{each.kind.value} {each.started_s:.1f} s" in words


def test_settings_that_are_blind_lose_the_visit(shots: list[Shot], visit: Visit) -> None:
    blind = replace(visit[1], tuning=Tuning(interaction_threshold=1.0))
    found = whatif.of_pictures(shots, visit[1], blind)
    assert [each.kind for each in found.lost if each.kind is Kind.INTERACTION] == [Kind.INTERACTION]
    assert not [each for each in found.after if each.kind is Kind.INTERACTION]


def test_the_same_settings_change_nothing(shots: list[Shot], visit: Visit) -> None:
    found = whatif.of_pictures(shots, visit[1], visit[1])
    assert found.gained == found.lost == ()
    assert found.both == found.after == found.before


def _scored(values: list[float], every_s: float = 0.5) -> list[Scored]:
    return [
        Scored(number, number * every_s, {"motion": value, "background": value})
        for number, value in enumerate(values, start=1)
    ]


def test_scores_alone_tell_what_another_threshold_would_have_seen() -> None:
    rows = _scored([0.0] * 10 + [0.6] * 6 + [0.0] * 20)
    found = whatif.of_scores(rows, Tuning(interaction_threshold=0.3), Tuning(interaction_threshold=0.7))
    (lost,) = found.lost
    assert (lost.kind, lost.started_s, lost.told_s) == (Kind.INTERACTION, 5.5, 6.0)
    assert lost.ended_s == pytest.approx(13.0)
    assert found.gained == ()


def test_one_frame_is_enough_where_they_come_seldom() -> None:
    rows = _scored([0.0, 0.0, 0.6, 0.0, 0.0], every_s=30.0)
    assert len(whatif.by_scores(rows, Tuning())) == 1
    assert whatif.by_scores(_scored([0.0, 0.0, 0.6, 0.0, 0.0]), Tuning()) == ()


def test_a_gap_in_the_scores_ends_a_visit() -> None:
    rows = _scored([0.0] * 4 + [0.6] * 4)
    late = [replace(each, at_s=each.at_s + 600) for each in rows]
    first, second = whatif.by_scores([*rows, *late], Tuning())
    assert first.ended_s is not None
    assert second.started_s > 600


def test_a_slot_over_another_threshold_is_told_once() -> None:
    rows = [Scored(n, n * 0.5, {"motion": 0.0, "stock:jam": 0.35 if 5 <= n <= 8 else 0.1}) for n in range(12)]
    found = whatif.of_scores(rows, Tuning(inventory_change_threshold=0.4), Tuning(inventory_change_threshold=0.3))
    (gained,) = found.gained
    assert (gained.slot, gained.started_s) == ("jam", 2.5)


def test_the_command_prints_each_event_and_a_summary(folder: Path, config_file: Path, tmp_path: Path) -> None:
    plot = tmp_path / "out.svg"
    done = CliRunner().invoke(pivision, ["replay", str(folder), "--config", str(config_file), "--plot", str(plot)])
    assert done.exit_code == 0, done.output
    assert "interaction_detected" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("240 pictures of 1:59.5: 1 interaction_detected")
    ET.parse(plot)


def test_the_command_prints_json(folder: Path, config_file: Path) -> None:
    done = CliRunner().invoke(pivision, ["replay", str(folder), "--config", str(config_file), "--json", "--every", "1"])
    found = json.loads(done.stdout)
    assert found["pictures"] == len(found["scores"]) == 120
    assert found["events"][0]["kind"] == "interaction_detected"


def test_the_command_says_when_it_has_no_regions(folder: Path) -> None:
    done = CliRunner().invoke(pivision, ["replay", str(folder), "--every", "5"])
    assert "No regions given" in done.stderr


def test_a_configuration_that_makes_no_sense_is_refused(folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"tuning": {"speed": 3}}')
    done = CliRunner().invoke(pivision, ["replay", str(folder), "--config", str(wrong)])
    assert done.exit_code != 0
    assert "tuning.speed" in str(done.exception)
