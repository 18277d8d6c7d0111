"""Pictures from wherever they lie, with their moments."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from pivision.config import Config
from pivision.replay.jpegs import size_of, split, taken_at
from pivision.replay.shots import NoPictures, every, open_shots

Visit = tuple[list[bytes], Config]


def test_a_folder_has_its_moments_from_the_names(folder: Path) -> None:
    shots = list(open_shots(folder))
    assert [each.at_s for each in shots[:3]] == [0.0, 0.5, 1.0]
    assert (len(shots), shots[0].width, shots[0].height) == (240, 640, 480)


def test_a_folder_has_its_moments_from_fps_when_that_is_given(folder: Path) -> None:
    assert [each.at_s for each in open_shots(folder, 4.0)][:3] == [0.0, 0.25, 0.5]


def test_names_that_say_nothing_leave_it_to_the_files(visit: Visit, tmp_path: Path) -> None:
    for number, name in enumerate(("b", "a", "c")):
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(visit[0][number])
        os.utime(path, (1000 + number * 7, 1000 + number * 7))
    shots = list(open_shots(tmp_path))
    assert [each.at_s for each in shots] == [0.0, 7.0, 14.0]
    assert [each.jpeg for each in shots] == visit[0][:3]


def test_names_of_epoch_seconds_tell_the_moment(visit: Visit, tmp_path: Path) -> None:
    for name in ("cam_1763726400000", "cam_1763726430500"):
        (tmp_path / f"{name}.jpg").write_bytes(visit[0][0])
    assert [each.at_s for each in open_shots(tmp_path)] == [0.0, 30.5]


def test_the_camera_tells_the_moment_where_names_do_not(visit: Visit, tmp_path: Path) -> None:
    for name, second in (("x", b"30"), ("y", b"10")):
        exif = b"Exif\x00\x00MM\x00*" + b"2026:11:21 12:00:" + second + b"\x00"
        marked = b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + visit[0][0][2:]
        (tmp_path / f"{name}.jpg").write_bytes(marked)
    assert [each.at_s for each in open_shots(tmp_path)] == [0.0, 20.0]


def test_a_segment_is_taken_apart_and_its_torn_tail_left_out(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "120000-1.seg"
    path.write_bytes(b"".join(visit[0][:5]) + visit[0][5][:-40])
    assert [each.jpeg for each in open_shots(path)] == visit[0][:5]


def test_a_picture_within_a_picture_does_not_take_it_apart(visit: Visit) -> None:
    small = visit[0][1]
    exif = b"Exif\x00\x00" + small[:2000] + b"\xff\xd9"
    outer = b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + visit[0][0][2:]
    assert list(split(outer + small)) == [outer, small]


def test_a_clip_is_read_at_its_own_pace(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5.0, (64, 48))
    if not video.isOpened():
        pytest.skip("this OpenCV writes no clips")
    for level in range(10):
        video.write(np.full((48, 64, 3), 20 * level, np.uint8))
    video.release()
    shots = list(open_shots(path))
    assert len(shots) == 10
    assert shots[-1].at_s == pytest.approx(1.8)
    assert size_of(shots[0].jpeg) == (64, 48)


def test_another_cadence_leaves_pictures_out(folder: Path) -> None:
    assert [each.at_s for each in every(open_shots(folder), 30.0)] == [0.0, 30.0, 60.0, 90.0]
    assert len(list(every(open_shots(folder), None))) == 240


@pytest.mark.parametrize("kind", ["missing", "empty folder", "no clip"])
def test_nothing_to_replay_is_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if kind == "empty folder":
        path.mkdir()
    if kind == "no clip":
        path.write_bytes(b"no clip at all")
    with pytest.raises(NoPictures, match="Nothing replayed"):
        list(open_shots(path))


@pytest.mark.parametrize(
    "torn", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0\x00\x11\x08", b"\xff\xd8\xff\xff\xff"]
)
def test_a_torn_head_has_no_size_and_no_moment(torn: bytes) -> None:
    assert size_of(torn) is None
    assert taken_at(torn) is None
    assert list(split(torn)) == []
