"""Made-up values in place of real ones: the same for the same, another for another, and of the same look. Pure.

Words are made up one by one, so that what is put together of names still is: "Agency:Customer" in one column, "Agency"
and "customer" in others. A word's case and about its length stay, and so do numbers of digits, signs, NULL and types.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Container, Iterator
from datetime import date, timedelta
from functools import lru_cache

from station.sqlite.permute import LETTERS, Permutation

Value = None | int | float | str | bytes

LONG_WORD = 4  # letters: such a word is never one that was there; shorter ones are too few for that
TRIES = 8  # of made-up words of one length, before a longer one is made up
REMEMBERED = 1 << 16  # values of a column that come again
_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")
_WORD_OR_DIGITS = re.compile(rf"{_WORD.pattern}|\d+")
_DIGITS = re.compile(r"[0-9]+")
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?![0-9])")
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(\.[0-9]+)?)?")
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
DAY_S = 86400


class MadeUp:
    """Makes values up from a key; without it none of them leads back. `there`: words that must not come out."""

    def __init__(self, key: bytes, there: Container[str] = ()) -> None:
        self._key = key
        self._there = there
        self._order = Permutation(key)
        self._words: dict[str, str] = {}
        self._taken: set[str] = set()
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._text)

    def value(self, kind: str, value: Value) -> Value:
        """In place of a value of that kind (one of `Mask` in the manifest but "empty")."""
        if isinstance(value, str):
            return self._remembered(kind, value)
        if isinstance(value, bytes):
            return hashlib.shake_256(self._key + value).digest(len(value))
        if isinstance(value, int):
            return self._date_number(value) if kind == "date" else self._whole(value)
        if isinstance(value, float):
            return self._real(value)
        return None

    def _text(self, kind: str, text: str) -> str:
        if kind == "name":
            return _WORD.sub(self._in_place, text)
        if kind == "email" and "@" in text:
            return self._email(text)
        if kind == "date":
            return self._date(text)
        if kind in ("phone", "number"):
            return self._only_digits(text)
        return self._code(text) if kind == "code" else _WORD_OR_DIGITS.sub(self._in_place, text)

    def _in_place(self, found: re.Match[str]) -> str:
        text = found[0]
        return self._order.digits(text) if text[0].isdecimal() else _in_case_of(text, self._word(folded(text)))

    def _word(self, word: str, length: int = 0) -> str:
        """The made-up word of a folded one; no two have the same."""
        known = self._words.get(word)
        if known is None:
            known = next(made for made in self._proposed(word, length or len(word)) if self._is_free(made))
            self._taken.add(known)
            self._words[word] = known
        return known

    def _proposed(self, word: str, length: int) -> Iterator[str]:
        count = 0
        while True:
            said = f"{count}:{word}".encode()
            wanted = length + count // TRIES
            drawn = hashlib.shake_256(self._key + said).digest(wanted + 1)
            yield _pronounceable(drawn) if wanted > 1 else LETTERS[drawn[0] % len(LETTERS)]
            count += 1

    def _is_free(self, made: str) -> bool:
        return made not in self._taken and (len(made) < LONG_WORD or made not in self._there)

    def _email(self, text: str) -> str:
        """At a domain that cannot exist (RFC 2606), so that no mail ever reaches anybody."""
        before, _, domain = text.rpartition("@")
        made = self._word(f"@{folded(domain)}", max(LONG_WORD, len(domain.rpartition(".")[0])))
        return f"{_WORD_OR_DIGITS.sub(self._in_place, before)}@{made}.example"

    def _code(self, text: str) -> str:
        return self._order.spelled(text) if text.isascii() else _WORD_OR_DIGITS.sub(self._in_place, text)

    def _only_digits(self, text: str) -> str:
        made = iter(self._order.digits("".join(_DIGITS.findall(text))))
        return "".join(next(made) if sign in "0123456789" else sign for sign in text)

    def _whole(self, number: int) -> int:
        """As many digits, the first none of them 0. 0 stays: it says that there is nothing."""
        if number == 0:
            return 0
        first = int("1".ljust(len(str(abs(number))), "0"))
        most = min(9 * first, 2**63 - first)  # the largest that SQLite holds
        if abs(number) - first >= most:  # the one that is less than all others have a counterpart for
            return number
        made = first + self._order.of(abs(number) - first, most)
        return made if number > 0 else -made

    def _real(self, number: float) -> float:
        if not math.isfinite(number) or number == 0:
            return number
        mantissa, _, exponent = repr(abs(number)).partition("e")
        whole, _, part = mantissa.partition(".")
        made = str(self._whole(int(whole))) + "." + str(self._whole(int(part[::-1] or 0)))[::-1]
        return math.copysign(float(made + (f"e{exponent}" if exponent else "")), number)

    def _date(self, text: str) -> str:
        """Another day of the same year, and another time of the day, written the same way."""
        found = _DATE.match(text) or _AMERICAN.match(text)
        if found is None or (day := _day(found)) is None:
            return self._code(text)
        made = self._day_of_year(day)
        year, month, number = f"{made.year:04d}", f"{made.month:02d}", f"{made.day:02d}"
        if found.re is _AMERICAN:
            written = f"{month}/{number}/{year}"
        else:
            written = f"{year}-{month}-{number}" if "-" in found[0] else f"{year}{month}{number}"
        return written + _TIME.sub(self._time, text[found.end() :], count=1)

    def _time(self, found: re.Match[str]) -> str:
        seconds = found[3] is not None
        unit = 60 if seconds else 1
        time = (int(found[1]) * 60 + int(found[2])) * unit + int(found[3] or 0)
        minutes, second = divmod(self._order.of(time, 24 * 60 * unit), unit)
        written = f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{second:02d}" if seconds else "")
        return written + (f".{self._order.digits(found[4][1:])}" if found[4] else "")

    def _day_of_year(self, day: date) -> date:
        first = date(day.year, 1, 1)
        days = (date(day.year, 12, 31) - first).days + 1
        return first + timedelta(days=self._order.of((day - first).days, days))

    def _date_number(self, number: int) -> int:
        """A date as a number: 20261121, 202611, milliseconds, seconds or days since 1970."""
        text = str(number)
        if len(text) == 8 and (found := _DATE.match(text)) and (day := _day(found)) and 1900 <= day.year <= 2100:
            return int(f"{self._day_of_year(day):%Y%m%d}")
        if len(text) == 6 and 1900 <= number // 100 <= 2100 and 1 <= number % 100 <= 12:
            return number // 100 * 100 + 1 + self._order.of(number % 100 - 1, 12)
        for unit in (DAY_S * 1000, DAY_S):
            if abs(number) >= 365 * unit * 2:
                day_number, within = divmod(number, unit)
                return self._in_year(day_number) * unit + self._order.of(within, unit)
        return self._in_year(number)

    def _in_year(self, day: int) -> int:
        return day // 365 * 365 + self._order.of(day % 365, 365)


def word_list(text: str) -> list[str]:
    """The words of a text in their order, as they are compared."""
    return [folded(word) for word in _WORD.findall(text)]


def folded(word: str) -> str:
    """A word whatever its case and width."""
    return unicodedata.normalize("NFKC", word).casefold()


def _in_case_of(word: str, made: str) -> str:
    if word.islower():
        return made
    if word.isupper() and len(word) > 1:
        return made.upper()
    upper = {place for place, sign in enumerate(word) if sign.isupper()}
    return "".join(sign.upper() if place in upper else sign for place, sign in enumerate(made))


def _pronounceable(drawn: bytes) -> str:
    """One letter less than it is given bytes, of which the first says what kind of letter comes first."""
    kinds = (_CONSONANTS, _VOWELS) if drawn[0] & 1 else (_VOWELS, _CONSONANTS)
    alphabets = (kinds[place % 2] for place in range(len(drawn) - 1))
    return "".join(alphabet[byte % len(alphabet)] for alphabet, byte in zip(alphabets, drawn[1:], strict=True))


def _day(found: re.Match[str]) -> date | None:
    year, month, day = (found[3], found[1], found[2]) if found.re is _AMERICAN else (found[1], found[2], found[3])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
