"""`python -m pivision.scenes`: the whole set, a table, and the gate. Ends with 1 when a goal is missed."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from pivision.scenes import gate, suite, tables
from pivision.scenes.families import FAMILIES
from pivision.scenes.ours import OURS
from pivision.scenes.suite import CONTENDERS, Case, Outcome


@click.command()
@click.option("--family", "families", multiple=True, type=click.Choice([each.name for each in FAMILIES]))
@click.option("--seed", "seeds", multiple=True, type=int, help="These seeds instead of the first ones.")
@click.option("--seeds", "many", default=suite.SEEDS, show_default=True, help="How many of each family.")
@click.option("--hours", default=suite.EMPTY_HOURS, show_default=True, help="Of the empty stand.")
@click.option("--detector", "detectors", multiple=True, type=click.Choice(list(CONTENDERS)), help="Default: ours.")
@click.option("--processes", default=2, show_default=True)
@click.option("--mistakes", is_flag=True, help="Tell each thing missed or told without cause.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--list", "listed", is_flag=True, help="Only say which families there are.")
@click.option(
    "--look", type=click.Path(path_type=Path, file_okay=False), help="Only write a PNG of each into a folder."
)
def main(
    families: tuple[str, ...],
    seeds: tuple[int, ...],
    many: int,
    detectors: tuple[str, ...],
    **how: object,
) -> None:
    """Score the detector on labelled sequences, and hold it against its goals."""
    if how["listed"]:
        for each in FAMILIES:
            click.echo(f"{each.name:10} {each.what}")
        return
    names = detectors or (OURS.name,)
    wanted = suite.cases(families, seeds or range(many), names, int(str(how["hours"])))
    if isinstance(how["look"], Path):
        _look(wanted, how["look"])
        return
    outcomes = list(_told(suite.run_all(wanted, int(str(how["processes"]))), len(wanted), bool(how["mistakes"])))
    troubled = [] if families or names[0] != OURS.name else suite.differences(range(1), int(str(how["processes"])))
    sys.exit(_show(outcomes, names, troubled, as_json=bool(how["as_json"])))


def _told(outcomes: Iterator[Outcome], many: int, mistakes: bool) -> Iterator[Outcome]:
    """The outcomes as they come, each with a line to standard error when somebody looks on."""
    began = time.monotonic()
    for done, each in enumerate(outcomes, start=1):
        if sys.stderr.isatty() or mistakes:
            took = time.monotonic() - began
            click.echo(f"{done}/{many} {each.case.family} seed {each.case.seed} ({took:.0f} s)", err=True)
        for name, found in each.mistakes.items() if mistakes else ():
            for one in found:
                click.echo(f"  {name}: {one.what} {one.topic} {one.slot} at {one.at_s:.1f} s", err=True)
        yield each


def _show(outcomes: list[Outcome], names: tuple[str, ...], troubled: list[gate.Line], *, as_json: bool) -> int:
    """Print it all; 1 when the first detector misses a goal."""
    found = {name: suite.by_family(outcomes, name) for name in names}
    lines = [*gate.lines(found[names[0]]), *troubled]
    missed = [each for each in lines if not each.met]
    if as_json:
        shown = [{"goal": e.goal, "wanted": e.wanted, "measured": e.measured, "met": e.met} for e in lines]
        click.echo(json.dumps({"detectors": {n: tables.as_json(e) for n, e in found.items()}, "gate": shown}))
        return 1 if missed else 0
    for name, results in found.items():
        click.echo(f"{name}\n{tables.plain(tables.rows(results))}\n")
    click.echo(tables.plain(tables.gate_rows(lines)))
    click.echo(f"\n{len(lines) - len(missed)} of {len(lines)} goals met.")
    return 1 if missed else 0


def _look(wanted: list[Case], folder: Path) -> None:
    from pivision.scenes.sheets import sheet  # noqa: PLC0415  # only who looks needs it

    folder.mkdir(parents=True, exist_ok=True)
    for each in wanted:
        path = folder / f"{each.family}-{each.seed}.png"
        path.write_bytes(sheet(each.family, each.seed))
        click.echo(path)


if __name__ == "__main__":
    main()
