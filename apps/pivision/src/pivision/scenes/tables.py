"""The scores as text: for a terminal, and as Markdown for a page. Pure."""

from collections.abc import Mapping

from pivision.scenes.gate import Line
from pivision.scenes.scoring import Result, Score, total
from pivision.scenes.truth import Topic

_HEAD = ("family", "visits P", "R", "F1", "stock P", "R", "F1", "p50 s", "p95 s", "health R", "false/day")


def rows(results: Mapping[str, Result]) -> list[tuple[str, ...]]:
    """A head, each family, and the whole."""
    found: list[tuple[str, ...]] = [_HEAD]
    found += [_row(name, each) for name, each in results.items()]
    found.append(_row("all", total(results.values())))
    return found


def plain(table: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(wide) if not at else cell.rjust(wide)
            for at, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    )


def markdown(table: list[tuple[str, ...]]) -> str:
    head, *body = table
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in body)])


def gate_rows(lines: list[Line]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [("goal", "wanted", "measured", "")]
    for each in lines:
        sign = "at most" if each.at_most else "at least"
        found.append((each.goal, f"{sign} {each.wanted:g}", f"{each.measured:.3g}", "met" if each.met else "MISSED"))
    return found


def as_json(results: Mapping[str, Result]) -> dict[str, object]:
    """Stable keys: each family and `all`, each topic's counts and rates."""
    both = {**results, "all": total(results.values())}
    return {name: _json(each) for name, each in both.items()}


def _json(result: Result) -> dict[str, object]:
    topics: dict[str, object] = {}
    for topic, score in result.scores:
        topics[topic.value] = {
            "right": score.right,
            "missed": score.missed,
            "wrong": score.wrong,
            "precision": round(score.precision, 4),
            "recall": round(score.recall, 4),
            "f1": round(score.f1, 4),
            "latency_p50_s": score.latency_s(0.5),
            "latency_p95_s": score.latency_s(0.95),
        }
    return {
        **topics,
        "other": result.other,
        "length_s": result.length_s,
        "false_per_day": round(result.false_per_day, 2),
    }


def _row(name: str, result: Result) -> tuple[str, ...]:
    visits, stock = result.of(Topic.INTERACTION), result.of(Topic.STOCK)
    health = result.of(Topic.OBSTRUCTED) + result.of(Topic.SHIFTED)
    return (
        name,
        *_rates(visits),
        *_rates(stock),
        _seconds(visits.latency_s(0.5)),
        _seconds(visits.latency_s(0.95)),
        f"{health.recall:.2f}" if health.right + health.missed else "",
        f"{result.false_per_day:.1f}",
    )


def _rates(score: Score) -> tuple[str, str, str]:
    if not score.right + score.missed + score.wrong:
        return "", "", ""
    told = f"{score.precision:.2f}" if score.right + score.wrong else "-"
    asked = f"{score.recall:.2f}" if score.right + score.missed else "-"
    return told, asked, f"{score.f1:.2f}"


def _seconds(found: float | None) -> str:
    return "" if found is None else f"{found:.1f}"
