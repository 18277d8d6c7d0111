"""What the last look at the host found, so that somebody is told when something turns bad or good again, and once.

It lies in /var/lib/station/check.json, for the page to read; there is no secret in it:

    {"version": 1, "host": NAME, "at": TIME, "took_s": SECONDS, "verdict": VERDICT,
     "findings": [{"check", "about", "verdict", "evidence", "remedy", "since": TIME, "bad_times": N, "told": BOOL}]}
"""

import grp
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from station.clock import from_text, to_text
from station.durable import durable_write
from station.fleet import HostPaths
from station.hosts.doctor.check import Finding, Verdict
from station.hosts.doctor.examine import Examined

VERSION = 1
TELL_AFTER = 2  # a look that failed once may have come at a bad moment: a restart, a deploy
_READERS = "station"
_WORST_FIRST = (Verdict.FAILED, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)
Key = tuple[str, str]


@dataclass(frozen=True)
class Remembered:
    """A finding, since when the verdict is that, how often in a row it failed, and whether somebody was told."""

    check: str
    about: str
    verdict: Verdict
    evidence: str
    remedy: str
    since: datetime
    bad_times: int = 0
    told: bool = False

    @property
    def key(self) -> Key:
        return self.check, self.about


@dataclass(frozen=True)
class News:
    """Something that turned bad, or is well again."""

    bad: bool
    one: Remembered


def remember(
    before: Mapping[Key, Remembered], found: Sequence[Finding], now: datetime
) -> tuple[list[Remembered], list[News]]:
    """What is to be remembered now, and what somebody has to be told. Pure.

    What could not be seen this time is neither bad nor good: what was known of it stays.
    """
    after: dict[Key, Remembered] = {}
    news: list[News] = []
    for finding in _worst_of_each(found):
        one, told = _next(before.get((finding.check, finding.about)), finding, now)
        after[one.key] = one
        news += told
    blind = {each.check for each in found if each.verdict is Verdict.UNKNOWN and not each.about}
    for key, old in before.items():
        if key in after or not old.bad_times:
            continue
        if old.check in blind:
            after[key] = old
        elif old.told:
            news.append(News(False, replace(old, verdict=Verdict.OK, evidence="it is gone", since=now)))
    return list(after.values()), news


def read(file: Path) -> dict[Key, Remembered]:
    """What was remembered; nothing when there is no file, or it cannot be read."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["version"] != VERSION:
            return {}
        many = [_remembered(each) for each in said["findings"]]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {each.key: each for each in many}


def write(file: Path, examined: Examined, remembered: Iterable[Remembered], now: datetime) -> None:
    """Put it in place of what was remembered, durably, and such that the page's user can read it."""
    many = list(remembered)
    findings = [asdict(each) | {"verdict": each.verdict.value, "since": to_text(each.since)} for each in many]
    said = {
        **{"version": VERSION, "host": examined.host, "at": to_text(now), "took_s": round(examined.took_s, 3)},
        **{"verdict": worst(each.verdict for each in many).value, "findings": findings},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    durable_write(file, text.encode(), mode=0o640, group=_readers())


def check_file(paths: HostPaths) -> Path:
    return paths.root / "var" / "lib" / "station" / "check.json"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The one that matters most; OK when there is none."""
    return min(verdicts, key=_WORST_FIRST.index, default=Verdict.OK)


def _worst_of_each(found: Sequence[Finding]) -> list[Finding]:
    """One finding for each thing that a check speaks of."""
    chosen: dict[Key, Finding] = {}
    for each in sorted(found, key=lambda one: _WORST_FIRST.index(one.verdict)):
        chosen.setdefault((each.check, each.about), each)
    order = {(each.check, each.about): place for place, each in enumerate(found)}
    return sorted(chosen.values(), key=lambda one: order[(one.check, one.about)])


def _next(old: Remembered | None, finding: Finding, now: datetime) -> tuple[Remembered, list[News]]:
    since = old.since if old is not None and old.verdict is finding.verdict else now
    one = Remembered(finding.check, finding.about, finding.verdict, finding.evidence, finding.remedy, since)
    times, told = (old.bad_times, old.told) if old is not None else (0, False)
    if finding.verdict is Verdict.UNKNOWN:
        return replace(one, bad_times=times, told=told), []
    if finding.verdict is not Verdict.FAILED:
        return one, [News(False, one)] if told else []
    one = replace(one, bad_times=times + 1, told=told or times + 1 >= TELL_AFTER)
    return one, [News(True, one)] if one.told and not told else []


def _remembered(said: Mapping[str, object]) -> Remembered:
    texts = {name: str(said[name]) for name in ("check", "about", "evidence", "remedy")}
    times = said["bad_times"]
    return Remembered(
        **texts,
        verdict=Verdict(str(said["verdict"])),
        since=from_text(str(said["since"])),
        bad_times=times if isinstance(times, int) else 0,
        told=bool(said["told"]),
    )


def _readers() -> int:
    """The group of the page, -1 (ours) where there is none or we are not root."""
    try:
        return grp.getgrnam(_READERS).gr_gid if os.geteuid() == 0 else -1
    except KeyError:
        return -1
