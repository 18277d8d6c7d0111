"""What encryption asks of a chain: all of its objects open with one key."""

from station.points.point import Point
from station.stores.cipher import Cipher


def must_restart(point: Point, cipher: Cipher | None) -> bool:
    """Whether the next point has to start a new chain: encryption was switched on or off, or the key was changed.

    StoreError when the key file cannot be used.
    """
    return point.key != (cipher.key_id if cipher else "")
