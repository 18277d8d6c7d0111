"""A replay as a picture: the scores with their threshold, the phases, and what was found. SVG as text. Pure."""

from collections.abc import Iterable
from html import escape

from pivision.config import Tuning
from pivision.replay.running import Event, Point, Run
from pivision.vision.findings import Kind, Phase

_WIDTH, _LEFT, _RIGHT = 1200, 150, 20
_STRIP, _LANE, _TOP = 160, 22, 34
_MOST_POINTS = 1000  # more would not be seen: the highest of each column is drawn
_PHASES = {Phase.CANDIDATE: "#f0c36d", Phase.ACTIVE: "#d9534f", Phase.SETTLING: "#e8a29f"}
_COLOURS = {
    Kind.INTERACTION: "#1f6feb",
    Kind.STOCK_CHANGED: "#b35900",
    Kind.RESTOCKED: "#2d8a34",
    Kind.EMPTY_CONFIRMED: "#6e7781",
    Kind.OBSTRUCTED: "#8250df",
    Kind.SHIFTED: "#bf3989",
    Kind.DARK: "#24292f",
}
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


def svg(run: Run, tuning: Tuning, title: str) -> str:
    """The whole replay, one picture, readable without anything else."""
    lanes = _lanes(run.events)
    height = _TOP + _STRIP + _LANE * (len(lanes) + 1) + 40
    scale = _Scale(run)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        ' font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>',
        *_strip(run, tuning, scale),
        *_phases(run.points, scale, _TOP + _STRIP + 4),
    ]
    for row, (name, events) in enumerate(lanes.items()):
        parts += _lane(name, events, scale, _TOP + _STRIP + _LANE * (row + 1) + 4)
    parts += [*_axis(scale, height - 28), "</svg>"]
    return "\n".join(parts) + "\n"


class _Scale:
    """Seconds to pixels."""

    def __init__(self, run: Run) -> None:
        self.first_s = run.points[0].at_s if run.points else 0.0
        self.last_s = run.points[-1].at_s if run.points else 1.0
        self.length_s = max(self.last_s - self.first_s, 0.001)

    def x(self, at_s: float) -> float:
        share = (min(max(at_s, self.first_s), self.last_s) - self.first_s) / self.length_s
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _lanes(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for each in events:
        name = each.slot if each.slot else each.kind.value
        found.setdefault(name, []).append(each)
    return found


def _strip(run: Run, tuning: Tuning, scale: _Scale) -> list[str]:
    bottom = _TOP + _STRIP
    level = round(bottom - min(1.0, tuning.interaction_threshold) * _STRIP, 1)
    right = _WIDTH - _RIGHT
    parts = [
        f'<rect x="{_LEFT}" y="{_TOP}" width="{right - _LEFT}" height="{_STRIP}" fill="#f6f8fa"/>',
        f'<text x="{_LEFT - 8}" y="{_TOP + 10}" text-anchor="end">1.0</text>',
        f'<text x="{_LEFT - 8}" y="{bottom}" text-anchor="end">0</text>',
    ]
    for name, colour, wide in (("frame", "#9ec1f7", 1), ("background", "#f2b8a0", 1), ("motion", "#24292f", 1.5)):
        points = " ".join(
            f"{scale.x(at_s)},{round(bottom - min(1.0, max(0.0, value)) * _STRIP, 1)}"
            for at_s, value in _thinned(run.points, name)
        )
        if points:
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{wide}"/>')
    parts.append(
        f'<line x1="{_LEFT}" y1="{level}" x2="{right}" y2="{level}" stroke="#d9534f" stroke-dasharray="6 4"/>'
        f'<text x="{_LEFT - 8}" y="{level + 4}" text-anchor="end" fill="#d9534f">'
        f"threshold {tuning.interaction_threshold:g}</text>"
    )
    return parts


def _thinned(points: tuple[Point, ...], name: str) -> list[tuple[float, float]]:
    there = [(each.at_s, each.scores[name]) for each in points if name in each.scores]
    many = max(1, -(-len(there) // _MOST_POINTS))
    return [max(there[at : at + many], key=lambda each: each[1]) for at in range(0, len(there), many)]


def _phases(points: tuple[Point, ...], scale: _Scale, y: float) -> list[str]:
    parts = [f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">phase</text>']
    spans: list[tuple[Phase, float, float]] = []
    for each in points:
        if spans and spans[-1][0] is each.phase:
            spans[-1] = (each.phase, spans[-1][1], each.at_s)
        else:
            spans.append((each.phase, each.at_s, each.at_s))
    for phase, begin, end in spans:
        if phase in _PHASES:
            parts.append(_bar(scale, (begin, end), y, _PHASES[phase], phase.value))
    return parts


def _lane(name: str, events: list[Event], scale: _Scale, y: float) -> list[str]:
    parts = [f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name[:22])}</text>']
    for each in events:
        end = scale.last_s if each.ended_s is None else each.ended_s
        words = f"{each.kind.value} {each.started_s:.1f} s, told {each.told_s:.1f} s, {each.confidence:.2f}"
        parts.append(_bar(scale, (each.started_s, end), y, _COLOURS[each.kind], f"{words} {each.summary}".strip()))
    return parts


def _bar(scale: _Scale, span: tuple[float, float], y: float, colour: str, words: str) -> str:
    x, wide = scale.x(span[0]), max(3.0, scale.x(span[1]) - scale.x(span[0]))
    return (
        f'<rect x="{x}" y="{y}" width="{wide:.1f}" height="{_LANE - 8}" rx="2" fill="{colour}">'
        f"<title>{escape(words)}</title></rect>"
    )


def _axis(scale: _Scale, y: float) -> list[str]:
    step = next((each for each in _STEPS_S if scale.length_s / each <= 12), _STEPS_S[-1])
    parts = [f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#6e7781"/>']
    at_s = -(-scale.first_s // step) * step
    while at_s <= scale.last_s:
        x = scale.x(at_s)
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x}" y2="{y + 5}" stroke="#6e7781"/>')
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{_clock(at_s)}</text>')
        at_s += step
    return parts


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(round(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
