"""What lies outside of the goods is gone from the picture, what lies inside is as it was."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import pivision
import station_kit
from pivision.config import Region, RegionKind
from pivision.pictures import showing
from pivision.pictures.privacy import BLOCKS, QUALITY, NotBlurred, blurred

BOX = ((0.25, 0.25), (0.5, 0.25), (0.5, 0.75), (0.25, 0.75))
GOODS = Region("eggs", RegionKind.INVENTORY, BOX)


def scene(width=1280, height=720):
    """A street with edges everywhere: noise at several scales, lines, and words."""
    rng = np.random.default_rng(3)
    whole = np.zeros((height, width, 3), np.float32)
    for size in (4, 16, 40, 110):
        small = rng.normal(0, 60, (height // size + 2, width // size + 2, 3)).astype(np.float32)
        whole += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(whole + 128, 0, 255).astype(np.uint8)
    for place in range(0, height, 90):
        cv2.putText(
            picture, "NUMBER PLATE 4711", (place // 2, place + 60), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255,) * 3, 3
        )
    return picture


def jpeg_of(picture, *, comment=b""):
    jpeg = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 90))[1].tobytes()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def pixels(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def inside(shape, region=GOODS):
    height, width = shape[:2]
    corners = [(round(x * (width - 1)), round(y * (height - 1))) for x, y in region.points]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.array(corners, np.int32)], 255)
    return mask > 0


def apart(mask, pixels_wide=16):
    """What of the mask is not at its border, where one JPEG block holds both sides."""
    return cv2.erode(mask.astype(np.uint8), np.ones((pixels_wide * 2 + 1,) * 2, np.uint8)) > 0


def detail(picture, where, size):
    """How much a block of that size differs within itself: its own variance, and the edges in it."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    mean = cv2.blur(grey, (size, size))
    variance = cv2.blur(grey * grey, (size, size)) - mean * mean
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F, ksize=3))
    return float(np.sqrt(np.maximum(variance, 0))[where].mean()), float(edges[where].mean())


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 640)])
def test_outside_of_the_goods_no_detail_is_left(size):
    before = scene(*size)
    after = pixels(blurred(jpeg_of(before), [GOODS]))
    outside = apart(~inside(before.shape))
    block = max(size) // BLOCKS
    (spread, edges), (spread_left, edges_left) = (detail(each, outside, block // 2) for each in (before, after))
    assert spread_left < spread / 4 and edges_left < edges / 20
    # of 14 x 14 numbers no more than that many can be got back: half a block's detail is noise of the encoder
    fine_left = after.astype(np.float32) - cv2.GaussianBlur(after, (0, 0), block / 6).astype(np.float32)
    fine = before.astype(np.float32) - cv2.GaussianBlur(before, (0, 0), block / 6).astype(np.float32)
    assert np.abs(fine_left[outside]).mean() < np.abs(fine[outside]).mean() / 15


def test_the_goods_are_as_they_were_but_for_one_more_encoding():
    before = pixels(jpeg_of(scene()))
    after = pixels(blurred(jpeg_of(scene()), [GOODS]))
    again = pixels(cv2.imencode(".jpg", before, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1].tobytes())
    within = apart(inside(before.shape))
    lost, lost_anyway = (np.abs(before[within].astype(float) - each[within]).mean() for each in (after, again))
    assert lost <= lost_anyway * 1.01 < 10
    assert after.shape == before.shape


def test_a_polygon_is_cut_along_its_sides():
    triangle = Region("jam", RegionKind.INVENTORY, ((0.1, 0.9), (0.5, 0.1), (0.9, 0.9)))
    before = pixels(jpeg_of(scene()))
    after = pixels(blurred(jpeg_of(scene()), [triangle]))
    change = np.abs(before.astype(float) - after.astype(float)).mean(axis=2)
    mask = inside(before.shape, triangle)
    assert change[apart(mask)].mean() < 5 and change[apart(~mask)].mean() > 25


def test_without_goods_nothing_can_be_recognised_and_what_is_not_looked_at_is_no_goods():
    before = scene()
    reach = Region("reach", RegionKind.INTERACTION, BOX)
    unseen = Region("window", RegionKind.IGNORE, BOX)
    everywhere = np.ones(before.shape[:2], bool)
    for regions in ([], [reach], [GOODS, unseen]):
        after = pixels(blurred(jpeg_of(before), regions))
        assert detail(after, everywhere, 40)[1] < detail(before, everywhere, 40)[1] / 20


def test_what_the_camera_wrote_beside_the_picture_goes():
    assert b"small picture" not in blurred(jpeg_of(scene(), comment=b"a small picture of all of it"), [GOODS])


@pytest.mark.parametrize("torn", [b"", b"\xff\xd8 no picture \xff\xd9", b"text"])
def test_what_cannot_be_read_is_not_shown_at_all(torn):
    with pytest.raises(NotBlurred):
        blurred(torn, [GOODS])


def test_a_camera_that_is_gone_shows_nothing(appliance):
    assert showing.veil_of(appliance.db, 4711) == showing.Veil(is_drawn=True, regions=())


def test_the_same_picture_is_made_once_and_the_oldest_ones_are_forgotten(monkeypatch):
    made = []
    monkeypatch.setattr(showing, "blurred", lambda jpeg, _: made.append(jpeg) or bytes(400))
    cache = showing._Cache(1000)
    for name in ("a", "a", "b", "c", "b", "a"):
        cache.blurred(name.encode(), ())
    assert made == [b"a", b"b", b"c", b"a"]
    assert sum(map(len, cache._kept.values())) == cache._bytes <= 1000


LOOK = """
import sys
from pivision.config import Region, RegionKind
from pivision.pictures.beside import side_by_side
from pivision.pictures.privacy import blurred
box = ((0.25, 0.25), (0.5, 0.25), (0.5, 0.75), (0.25, 0.75))
shown = blurred(sys.stdin.buffer.read(), [Region("eggs", RegionKind.INVENTORY, box)])
sys.stdout.buffer.write(side_by_side(shown, shown))
"""


def test_debians_opencv_blurs_the_same():
    python = Path("/usr/bin/python3")
    if not python.exists() or subprocess.run([python, "-c", "import cv2"], capture_output=True, check=False).returncode:
        pytest.skip("no OpenCV in the system's Python here (apt install python3-opencv)")
    sources = os.pathsep.join(str(Path(each.__file__).parents[1]) for each in (pivision, station_kit))
    seen = [
        subprocess.run(
            [each, "-c", LOOK], env={"PYTHONPATH": sources}, input=jpeg_of(scene()), capture_output=True, check=True
        ).stdout
        for each in (python, sys.executable)
    ]
    ours, theirs = (pixels(jpeg).astype(float) for jpeg in seen)
    assert np.abs(ours - theirs).mean() < 3
