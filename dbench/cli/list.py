"""`dbench list`: all that there is, by name."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from dbench.errors import InputError
from dbench.extras import Missing


@click.command(name="list", short_help="List models, metrics, data sets and studies.")
def list_() -> None:
    """Show the models, metrics, data sets and studies there are."""
    from dbench.data import DATASETS, own
    from dbench.metrics import GROUPS, METRICS
    from dbench.metrics.udr import SET_METRICS
    from dbench.scoring.registry import MODEL_METRICS
    from dbench.tables import reading

    kinds: dict[str, Mapping[str, Any]]
    trained, studies = _of_studies()
    kinds = trained | {"metrics": METRICS}
    kinds |= {"metrics of a model (checkpoints, studies)": MODEL_METRICS}
    kinds |= {"metrics of several runs (dbench udr)": SET_METRICS, "data sets": DATASETS}
    lines = {
        kind: {name: first_line(thing) for name, thing in table.items()}
        for kind, table in kinds.items()
    }
    lines["data sets"]["your own"] = own.FORMS
    lines["groups of metrics"] = {
        "default": "all but downstream_lr_*, later and d_lsbd, as far as the table allows",
        "all": "every metric that the table allows",
    } | {name: ", ".join(ids) for name, ids in GROUPS.items() if name not in ("default", "all")}
    lines["published numbers (dbench compare paper:NAME)"] = {
        name: reading.sources(path) for name, path in reading.papers().items()
    }
    lines["studies"] = {name: _study(name, path) for name, path in studies.items()}
    lines = {kind: table for kind, table in lines.items() if table}
    width = max(len(name) for table in lines.values() for name in table)
    for kind, table in lines.items():
        click.echo(kind)
        for name, line in table.items():
            click.echo(f"  {name:{width}}  {line}")


def _of_studies() -> tuple[dict[str, Mapping[str, Any]], dict[str, Path]]:
    """What is trained, by kind, and the studies; of the light installation what it lacks."""
    try:
        from dbench.models import MODELS
        from dbench.nets.gans import GAN_NETS
        from dbench.nets.vaes import NETS
        from dbench.study import studies
    except Missing as error:
        click.echo(f"models, nets and studies are not listed: {error}", err=True)
        return {}, {}
    return {"models": MODELS, "nets": NETS, "nets of GANs": GAN_NETS}, studies()


def _study(name: str, path: Path) -> str:
    """What it asks, and its scales where its file can be read and has some."""
    from dbench.kept import OWN
    from dbench.study import question, scales_of
    from dbench.study.find import default_scale

    with contextlib.suppress(InputError):
        if default_scale(name) == OWN:
            return question(path)
        return f"{question(path)} ({', '.join(scales_of(name))})"
    return question(path)


def first_line(thing) -> str:
    return (thing.__doc__ or "").strip().split("\n")[0]
