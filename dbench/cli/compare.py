"""`dbench compare`: its options, its files, its exit code."""

import itertools
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import click

from dbench import files
from dbench.cli import options, outputs, taken
from dbench.errors import InputError

FORMATS = ("csv", "json", "markdown", "latex")


def _file(kind: str) -> Callable:
    return click.option(f"--{kind}", metavar="FILE", help=f"Write it as {kind}; - for stdout.")


@click.command(short_help="Compare tables of scores: how much better, how surely.")
@click.argument("tables", nargs=-1, metavar="A B [C]...")
@click.option("--metrics", callback=options.listed, help="Scores, comma-separated [all in common].")
@click.option(
    "--level",
    type=options.Between(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Chance of any false verdict, all comparisons together.",
)
@click.option(
    "--pairing",
    type=click.Choice(["auto", "seeds", "none"]),
    default="auto",
    show_default=True,
    help="Runs of one seed as pairs: of the same model and strength, of any, of none.",
)
@click.option("--all-pairs", is_flag=True, help="Compare every two tables, not each with A.")
@click.option("--anyway", is_flag=True, help="Compare even tables that are not comparable.")
@click.option("--fail-on-worse", is_flag=True, help="Exit code 1 if any verdict is worse.")
@options.BETTER
@_file("csv")
@_file("json")
@_file("markdown")
@_file("latex")
def compare(
    tables, metrics, level, pairing, all_pairs, anyway, fail_on_worse, better, **files
) -> None:
    """Compare tables of scores with the table A: how much better, and how surely.

    A table is a results folder, a .csv or .parquet file (one row a run and score, or one row a run
    and a column a score), or paper:NAME, published numbers. TABLE@beta=4,scale=laptop takes some of
    its rows. No model is needed.
    """
    read = _read(tables)
    for kind, given in files.items():
        if given and given != "-" and taken.alike(Path(given)) in map(taken.alike, read):
            raise InputError(f"--{kind} {given} would replace a table to compare: choose another")
    wished = outputs.wished(read, **files)
    if len(tables) < 2:
        raise InputError(f"give two tables or more to compare, not {len(tables)}")
    from dbench.compare import comparison as comparing
    from dbench.compare import text as compare_text
    from dbench.tables import reading

    for one, other in itertools.combinations(tables, 2):
        if one != other and reading.same(one, other):
            raise InputError(f"{one} and {other} are the same table: give each once")
    sources = [reading.read(table, metrics) for table in tables]
    found = comparing.compare(
        sources, level=level, pairing=pairing, all_pairs=all_pairs, anyway=anyway, better=better
    )
    made = {"csv": _csv, "json": _json, "markdown": compare_text.markdown}
    made |= {"latex": compare_text.latex}
    ready = {given: made[kind](found) for kind, given in wished.items()}
    outputs.write(ready, compare_text.text(found))
    worse = (found.frame["verdict"] == "worse").sum()
    if fail_on_worse and worse:
        click.echo(f"{worse} of {len(found.frame)} comparisons are worse", err=True)
        sys.exit(1)


def _read(tables: tuple[str, ...]) -> list[Path]:
    """Files that the tables are read from, and what is known of them beside."""
    found = []
    for table in tables:
        if not table.strip():
            raise InputError("a table to compare is given no name: name a folder or a file")
        path = Path(table) if files.there(table) else Path(table.rpartition("@")[0] or table)
        path = path / "scores.csv" if files.there(path) and path.is_dir() else path
        found += [path.with_suffix(end) for end in (".csv", ".parquet", ".json", ".npz")]
        found += [path, path.with_name("study.json")]
    return found


def _csv(found) -> str:
    from dbench.tables import spreadsheet

    return spreadsheet.csv(found.frame)


def _json(found) -> str:
    rows = [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in found.frame.to_dict("records")
    ]
    whole = {"level": found.level, "not_comparable": found.reasons, "notes": found.notes}
    return json.dumps(whole | {"comparisons": rows}, indent=2) + "\n"
