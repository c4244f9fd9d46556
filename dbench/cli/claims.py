"""`dbench claims`: what papers say, held against the runs here."""

from functools import partial
from pathlib import Path

import click

from dbench.cli import options, outputs, process
from dbench.cli.options import PATH, SCALE
from dbench.errors import InputError, choose


@click.command(short_help="Hold the claims of papers against runs here.")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@click.option(
    "--results",
    type=PATH,
    help="Folder with the results of studies [default: results]; for those it lacks, the reference "
    "runs that come with dbench.",
)
@SCALE
@click.option(
    "--run", is_flag=True, help="Run the studies first, those that are finished excepted."
)
@click.option("--csv", metavar="FILE", help="Write the table as csv; - for stdout.")
@click.option("--markdown", metavar="FILE", help="Write it as Markdown; - for stdout.")
@options.data(f"For --run: {options.OFFICIAL}")
def claims(papers, results, scale, run, csv, markdown, data) -> None:
    """Hold the claims of papers against runs here: reproduced, not at this scale, contradicted.

    PAPER is one or more of higgins2017, burgess2018, kim2018, chen2018, chen2016, kulkarni2015,
    locatello2019, locatello2020, locatello2020few, roth2023, hsu2023, reed2014, rolinek2019,
    tonnaer2022, montero2021, higgins2018, higgins2017_darla, thomas2017 [all]. A claim is that one
    number is above another; it is reproduced if the 95% interval of their difference over runs is
    above 0, contradicted if it is below.
    """
    wished = outputs.wished(csv=csv, markdown=markdown)
    if results is not None and not run and not results.is_dir():
        raise InputError(f"there is no folder {results}: give that with the results of studies")
    results = results or Path("results")
    options.start()
    from dbench.claims import CLAIMS, PAPERS, Evidence, judge, places, table, words
    from dbench.kept import SCALES
    from dbench.tables import spreadsheet

    choose("scale", scale, SCALES)
    for paper in papers:
        choose("paper", paper, PAPERS)
    wanted = [claim for claim in CLAIMS if not papers or claim.paper in papers]
    if run:
        _run(dict.fromkeys(name for c in wanted for name in judge.studies(c)), scale, results, data)
        follow(wanted, Evidence([results], scale), data)
    frame = table(wanted, Evidence([results] if run else [results, *places()], scale))
    made = {"csv": spreadsheet.csv(frame), "markdown": words.markdown(frame)}
    outputs.write({given: made[kind] for kind, given in wished.items()}, words.text(frame))


def _run(names, scale: str, results: Path, data: Path | None) -> None:
    from dbench.data.registry import is_function
    from dbench.study import load
    from dbench.study.several import run_studies

    studies = [load(name, scale, code=False) for name in names]
    for study in studies:
        views = (view["of"] for view in study.views.values())
        for dataset in (*study.datasets, *views):
            if dataset not in study.views and is_function(dataset):
                raise InputError(
                    f"{study.path} draws its data by the function {dataset}, which `dbench claims` "
                    f"does not call: run it by `dbench study {study.name}`, if it is yours"
                )
    process.going_on()
    failed = run_studies(studies, results, data, say=partial(click.echo, err=True), stop=True)
    for name, reason in failed.items():
        click.echo(f"failed, not in the table: {name}: {reason}", err=True)


def follow(wanted, evidence, data: Path | None) -> None:
    """What `dbench equivariance` writes, of the runs that claims on it are about."""
    from dbench.claims.evidence import Missing
    from dbench.claims.sides import Following
    from dbench.pictures import equivariance
    from dbench.training import devices

    sides = [side for claim in wanted for side in (claim.more, claim.than)]
    for side in dict.fromkeys((s.study, s.model) for s in sides if isinstance(s, Following)):
        try:
            folders = evidence.runs(*side)
        except Missing:  # the table says which study to run
            continue
        for folder in folders:
            if not (folder / "equivariance.csv").exists():
                equivariance.write(folder, devices.mesh(), folder / "equivariance.png", source=data)
