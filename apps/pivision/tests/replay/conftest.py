"""A short visit as pictures in a folder, made once for all tests here."""

from pathlib import Path

import pytest

from pivision.config import Config, to_json
from pivision.scenes.making import Recipe, film
from pivision.scenes.planning import Habit
from pivision.scenes.script import Deed
from pivision.scenes.stand import View


@pytest.fixture(scope="session")
def visit() -> tuple[list[bytes], Config]:
    """Two minutes with one visit in which something is taken, two pictures a second, and the regions."""
    habit = Habit(deeds=((Deed.TAKE, 1.0),), stands_s=(3.0, 5.0))
    made = film("replayed", 0, Recipe(length_s=120.0, habit=habit, views=(View.FRONT,)))
    return [jpeg for _at_s, jpeg in made.frames(0.5)], Config(regions=made.regions)


@pytest.fixture
def folder(visit: tuple[list[bytes], Config], tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, jpeg in enumerate(visit[0]):
        seconds, half = divmod(number, 2)
        (pictures / f"stand-20261121-12{seconds // 60:02d}{seconds % 60:02d}.{half * 500:03d}.jpg").write_bytes(jpeg)
    return pictures


@pytest.fixture
def config_file(visit: tuple[list[bytes], Config], tmp_path: Path) -> Path:
    path = tmp_path / "stand.json"
    path.write_text(to_json(visit[1]))
    return path
