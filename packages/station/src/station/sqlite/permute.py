"""Numbers turned into others of the same range, one for each; without the key nobody finds the way back. Pure."""

import hashlib
import math
import random
from functools import lru_cache

ROUNDS = 4  # as many as make it look like any order, also to who may choose both ends (Luby and Rackoff)
TABLE_UP_TO = 1024  # so small a range is shuffled as a whole
DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONGEST = 48  # letters and digits that are one number; what is longer is several
_RADIX = {**dict.fromkeys(DIGITS, DIGITS), **dict.fromkeys(LETTERS, LETTERS), **dict.fromkeys(LETTERS.upper(), LETTERS)}


class Permutation:
    """A secret order of every range, which follows from the key: an unbalanced Feistel network over BLAKE2b."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._table = lru_cache(maxsize=64)(self._shuffled)
        self._mixed = lru_cache(maxsize=1 << 16)(self._mix)  # halves of numbers come again and again

    def of(self, number: int, size: int) -> int:
        """Another number below `size` for one below `size`; different ones for different ones."""
        if size <= TABLE_UP_TO:
            return self._table(size)[number]
        left_size = math.isqrt(size - 1) + 1
        right_size = -(-size // left_size)
        while True:
            number = self._round_trip(number, left_size, right_size)
            if number < size:
                return number

    def spelled(self, text: str) -> str:
        """Every digit becomes a digit and every letter a letter of its case; all else stays. For ASCII alone."""
        shown = list(text)
        places = [place for place, sign in enumerate(text) if sign in _RADIX]
        for start in range(0, len(places), LONGEST):
            self._spell(shown, places[start : start + LONGEST])
        return "".join(shown)

    def digits(self, text: str) -> str:
        """A row of digits, as many as there were."""
        return "".join(
            f"{self.of(int(part), 10 ** len(part)):0{len(part)}d}"
            for part in (text[start : start + LONGEST] for start in range(0, len(text), LONGEST))
        )

    def _spell(self, shown: list[str], places: list[int]) -> None:
        number, size = 0, 1
        for place in places:
            alphabet = _RADIX[shown[place]]
            number = number * len(alphabet) + alphabet.index(shown[place].lower())
            size *= len(alphabet)
        number = self.of(number, size)
        for place in reversed(places):
            alphabet = _RADIX[shown[place]]
            number, rest = divmod(number, len(alphabet))
            shown[place] = alphabet[rest].upper() if shown[place].isupper() else alphabet[rest]

    def _round_trip(self, number: int, left_size: int, right_size: int) -> int:
        left, right = divmod(number, right_size)
        for count in range(0, ROUNDS, 2):
            left = (left + self._mixed(right, count, left_size)) % left_size
            right = (right + self._mixed(left, count + 1, right_size)) % right_size
        return left * right_size + right

    def _mix(self, number: int, count: int, size: int) -> int:
        length = size.bit_length() // 8 + 8
        said = number.to_bytes(length, "big") + size.to_bytes(length, "big")
        return int.from_bytes(
            hashlib.blake2b(said, key=self._key, salt=bytes([count]), digest_size=length).digest(), "big"
        )

    def _shuffled(self, size: int) -> list[int]:
        seed = hashlib.blake2b(size.to_bytes(2, "big"), key=self._key).digest()
        order = list(range(size))
        random.Random(seed).shuffle(order)
        return order
