"""A contact sheet of a sequence: what its pictures look like, with the regions, as a PNG."""

import cv2
import numpy as np

from pivision.config import RegionKind
from pivision.scenes.families import family
from pivision.scenes.film import Film
from pivision.scenes.textures import Pixels
from pivision.scenes.truth import Topic

_TILE = (384, 288)
_COLUMNS = 4
_MOST = 12


def sheet(name: str, seed: int) -> bytes:
    """Up to 12 moments: the beginning, the middle of what happens, the end."""
    film = family(name).make(seed)
    tiles = [_tile(film, at_s) for at_s in _moments(film)]
    while len(tiles) % _COLUMNS:
        tiles.append(np.zeros_like(tiles[0]))
    rows = [np.hstack(tiles[at : at + _COLUMNS]) for at in range(0, len(tiles), _COLUMNS)]
    _done, coded = cv2.imencode(".png", np.vstack(rows))
    return coded.tobytes()


def _moments(film: Film) -> list[float]:
    found = {2.0, film.truth.length_s - 2}
    for each in film.truth.expected:
        if each.topic is not Topic.STOCK:
            found.add(max((each.begin_s + min(each.end_s, each.begin_s + 30)) / 2, each.begin_s + 3))
    ordered = sorted(found)
    step = max(1, -(-len(ordered) // _MOST))
    return ordered[::step]


def _tile(film: Film, at_s: float) -> Pixels:
    for before in range(8, 0, -1):  # the exposure needs some frames to follow
        film.picture(max(0.0, at_s - before * 0.5))
    picture = film.picture(at_s)
    height, width = picture.shape[:2]
    for each in film.regions:
        corners = np.asarray([(round(x * width), round(y * height)) for x, y in each.points], np.int32)
        colour = (80, 220, 80) if each.kind is RegionKind.INTERACTION else (220, 80, 220)
        cv2.polylines(picture, [corners], True, colour, 1)
    tile = np.asarray(cv2.resize(picture, _TILE, interpolation=cv2.INTER_AREA))
    cv2.putText(tile, f"{film.seed} {at_s:.0f} s", (6, 282), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 230, 255), 1)
    return tile
