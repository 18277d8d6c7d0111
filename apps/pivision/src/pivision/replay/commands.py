"""`pivision replay`: what the detector would have found in pictures that lie there."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pivision.config import Config, from_json

if TYPE_CHECKING:
    from pivision.replay.running import Event, Run


@click.command("replay")
@click.argument("clip", type=click.Path(path_type=Path))
@click.option("--config", "config_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JSON.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw scores, phases, events: an SVG.")
@click.option("--every", type=click.FloatRange(min=0, min_open=True), help="One picture in so many seconds.")
@click.option("--fps", type=click.FloatRange(min=0, min_open=True), help="Pictures a second, where nothing tells.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def replay_command(
    clip: Path, config_file: Path | None, plot: Path | None, every: float | None, **how: float | bool | None
) -> None:
    """Let the detector look at CLIP: a video, a folder of JPEGs, or a segment file. Nothing is stored.

    `pivision devices config NAME` prints a camera's configuration as --config takes it.
    """
    # OpenCV is large: the server, which is started by the same program, does without it
    from pivision.replay import plot as plotting  # noqa: PLC0415
    from pivision.replay import running, shots  # noqa: PLC0415

    config = from_json(config_file.read_text(encoding="utf-8")) if config_file else Config()
    fps = how["fps"]
    run = running.replay(shots.every(shots.open_shots(clip, float(fps) if fps else None), every), config)
    if not run.points:
        raise shots.NoPictures(f"Nothing replayed: none of the pictures of {clip} can be read")
    if plot:
        plot.write_text(plotting.svg(run, config.tuning, clip.name), encoding="utf-8")
    if how["as_json"]:
        click.echo(json.dumps(_json(run)))
        return
    for each in run.events:
        click.echo(line(each))
    if config.is_untuned:
        click.echo("No regions given: the whole picture was looked at.", err=True)
    if run.unreadable:
        click.echo(f"{run.unreadable} pictures could not be read.", err=True)
    click.echo(summary(run))


def line(event: "Event") -> str:
    """An event in one line: when, what, where, how sure."""
    until = "" if event.ended_s is None or event.ended_s == event.started_s else f" to {_seconds(event.ended_s)}"
    where = f" {event.slot}" if event.slot else ""
    when = f"{_seconds(event.started_s)}{until}"
    return f"{when}  {event.kind.value}{where}  {event.confidence:.2f}  {event.summary}".rstrip()


def summary(run: "Run") -> str:
    many = Counter(each.kind.value for each in run.events)
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(many.items())) or "nothing"
    return f"{len(run.points)} pictures of {_seconds(run.length_s)}: {found}."


def _seconds(at_s: float) -> str:
    minutes, seconds = divmod(at_s, 60)
    return f"{int(minutes)}:{seconds:04.1f}"


def _json(run: "Run") -> dict[str, object]:
    return {
        "pictures": len(run.points),
        "unreadable": run.unreadable,
        "length_s": round(run.length_s, 3),
        "events": [asdict(each) for each in run.events],
        "scores": [
            {"number": each.number, "at_s": round(each.at_s, 3), "phase": each.phase.value, **each.scores}
            for each in run.points
        ],
    }
