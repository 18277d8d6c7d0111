"""The pieces of the detector, each on arrays: decoding, masks, light, goods, the camera's view, teaching."""

import cv2
import numpy as np
import pytest
from vision_stand import HEIGHT, REGIONS, WIDTH, Stand

from pivision.config import Region, RegionKind
from pivision.vision import health, light, motion, stock, structure
from pivision.vision.decode import UnreadablePicture, grey
from pivision.vision.masks import masks_of
from pivision.vision.teach import teach

BOX = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def _jpeg(width: int, height: int) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))[1])


@pytest.mark.parametrize(
    ("width", "height", "small"),
    [
        (640, 480, (120, 160)),
        (1280, 720, (180, 320)),
        (1920, 1080, (135, 240)),
        (320, 240, (120, 160)),
        (160, 120, (120, 160)),
    ],
)
def test_a_picture_of_any_size_becomes_a_small_one(width: int, height: int, small: tuple[int, int]) -> None:
    assert grey(_jpeg(width, height), width, height).shape == small


@pytest.mark.parametrize("broken", [b"", b"no picture", _jpeg(64, 64)[:40]])
def test_bytes_that_are_no_picture_are_refused(broken: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        grey(broken, 640, 480)


def test_an_ignored_region_is_taken_out_of_all_others() -> None:
    ignored = Region("road", RegionKind.IGNORE, BOX)
    masks = masks_of((*REGIONS, ignored), (HEIGHT, WIDTH))
    assert masks.reach[:, :18].sum() == 0
    assert masks.reach.sum() == pytest.approx(1, abs=1e-4)
    assert not masks.slots[0].mask[:, :78].any()


def test_without_regions_the_whole_picture_counts_and_is_untuned() -> None:
    masks = masks_of((), (HEIGHT, WIDTH))
    assert masks.is_untuned
    assert masks.slots[0].pixels == HEIGHT * WIDTH
    assert (masks.reach > 0).all()


def test_what_only_touches_a_region_weighs_less_than_what_is_deep_in_it() -> None:
    masks = masks_of(REGIONS, (HEIGHT, WIDTH))
    assert masks.reach[16, 4] < 0.5 * masks.reach[16, 20]


def test_a_hard_shadow_changes_no_cell_and_a_visitor_does() -> None:
    stand = Stand()
    masks = masks_of(REGIONS, (HEIGHT, WIDTH))
    before = stand.picture()
    allowed = motion.tolerance(before, np.full(before.shape, 1.0, np.float32))
    shade = np.ones((HEIGHT, WIDTH), np.float32)
    shade[:, 30:90] = 0.55
    stand.light = shade
    assert motion.score(motion.changed_cells(stand.picture(), before, allowed, 1.0, masks), masks) < 0.1
    stand.light, stand.visitor_x = 1.0, 50
    assert motion.score(motion.changed_cells(stand.picture(), before, allowed, 1.0, masks), masks) > 0.9


def test_a_score_of_30_is_the_share_that_the_module_names() -> None:
    assert motion.score_of_share(motion.SHARE_AT_30) == pytest.approx(0.30)
    assert stock.score_of_area(0.02, 0.02) == pytest.approx(0.30)


def test_smooth_light_is_taken_out_and_burnt_out_places_do_not_count() -> None:
    before = Stand(noise=0).picture()
    slope = np.linspace(0.7, 1.2, WIDTH)[None, :]
    even = light.smoothly_matched(np.clip(before * slope, 0, 255).astype(np.uint8), before)
    assert np.abs(even.astype(int) - before).mean() < 3
    burnt = light.smoothly_matched(np.full_like(before, 255), before)
    assert (burnt >= before).all()


def _compared(change: object) -> tuple[stock.Change, ...]:
    stand = Stand()
    pre = stock.typical([stand.picture() for _ in range(5)])
    change(stand)  # type: ignore[operator]  # a function of a stand
    post = stock.typical([stand.picture() for _ in range(5)])
    return stock.compare(pre, post, np.full(pre.shape, 1.0, np.float32), masks_of(REGIONS, (HEIGHT, WIDTH)))


def test_goods_that_went_are_found_where_they_stood() -> None:
    (change,) = _compared(lambda stand: stand.items.__setitem__(1, False))
    assert change.slot == "shelf"
    assert change.score > 0.5
    assert change.box[0] * WIDTH == pytest.approx(61, abs=3)


def test_goods_that_were_pushed_a_pixel_aside_have_not_changed() -> None:
    def push(stand: Stand) -> None:
        item = stand.goods[1]
        stand.items[1] = False
        stand.wall[63:85, 62:75] = item

    assert all(each.score < 0.3 for each in _compared(push))


def test_a_shadow_on_the_goods_changes_none() -> None:
    def shade(stand: Stand) -> None:
        stand.light = np.ones((HEIGHT, WIDTH), np.float32)
        stand.light[50:100, 50:110] = 0.6

    assert all(each.score < 0.3 for each in _compared(shade))


def test_a_view_is_known_again_in_another_light_and_not_under_a_cloth() -> None:
    stand = Stand()
    view = health.view_of(stand.picture())
    stand.light = 0.5
    assert health.look(stand.picture(), view).is_same_view
    stand.over = np.full((HEIGHT, WIDTH), 90, np.float32)
    assert health.look(stand.picture(), view).is_covered


def test_a_moved_view_says_how_far() -> None:
    stand = Stand()
    view = health.view_of(stand.picture())
    stand.moved = (5, -9)
    found = health.moved(stand.picture(), view)
    assert found is not None
    assert found.x * WIDTH == pytest.approx(-9, abs=0.7)
    assert found.y * WIDTH == pytest.approx(5, abs=0.7)
    stand.moved = (0, 0)
    assert health.moved(stand.picture(), view) is None


def test_a_view_is_the_same_however_often_pictures_were_laid_upon_it() -> None:
    stand = Stand()
    view = health.view_of(stand.picture())
    before = view.flat.copy()
    stand.moved = (1, -2)
    steady = [health.steadied(stand.picture(), view.flat) for _ in range(3)]
    assert np.array_equal(view.flat, before)
    off = [float(np.abs(each.astype(np.int16) - view.picture)[10:-10, 10:-10].mean()) for each in steady]
    assert max(off) < 3 < float(np.abs(stand.picture().astype(np.int16) - view.picture)[10:-10, 10:-10].mean())


def test_teaching_finds_the_noise_and_the_area_of_an_item() -> None:
    stand = Stand(noise=3.0)
    frames = [stand.picture() for _ in range(6)]
    item = ((0.4, 0.5), (0.5, 0.5), (0.5, 0.7), (0.4, 0.7))
    taught = teach(frames, REGIONS, "shelf", item)
    assert 1 < taught.noise < 4
    assert taught.min_area == pytest.approx(0.4 * 0.02 / (0.6 * 0.32), rel=0.01)
    assert taught.interaction_threshold >= 0.3


def test_teaching_takes_two_pictures_of_one_size() -> None:
    with pytest.raises(ValueError, match="two or more"):
        teach([Stand().picture()], REGIONS)


def test_another_structure_is_seen_under_a_shadow_and_a_shadow_has_none() -> None:
    rng = np.random.default_rng(5)
    before = cv2.GaussianBlur(rng.integers(0, 256, (120, 160)).astype(np.uint8), (5, 5), 0)
    shaded = before.copy()
    shaded[30:90, 20:110] = (shaded[30:90, 20:110] * 0.6).astype(np.uint8)
    taken = shaded.copy()
    taken[50:70, 60:80] = 90
    alone, both = (structure.unlike(before, each.astype(np.uint8), 1.0) for each in (shaded, taken))
    assert np.count_nonzero(alone) < 60
    assert np.count_nonzero(both[50:70, 60:80]) > 100
