"""`dbench report`: one HTML page of one or more studies, that opens with no network.

Beside the page each figure as .png and .svg and its data as .csv. Reads tables alone, but for the
pictures of single runs, which need their checkpoints. What is missing is said on the page.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import jax

from dbench import environment, files, kept
from dbench.errors import InputError
from dbench.report import (
    agents,
    answers,
    charts,
    choice,
    choosing,
    curves,
    headline,
    material,
    page,
    predicting,
    runs,
    scores,
    stale,
    summary,
    transferred,
)
from dbench.report.figure import Figure
from dbench.report.page import Group, Part
from dbench.tables import agents as by_agents
from dbench.tables import directions
from dbench.training import devices

PAGE = "report.html"


@environment.fixed()
def write(
    folders: list[Path],
    output: Path,
    metric: str | None = None,
    scale: str | None = None,
    source: Path | None = None,
    better: Mapping[str, str] | None = None,
) -> tuple[Path, list[str]]:
    """Writes the report of results folders into `output`; returns the page and what it lacks.

    `metric` chooses the runs that are shown [of each data set the first that sees factors; so too
    where a data set has no such score]; `scale` the runs that count [the largest that was run].
    `better` is {score: "higher" or "lower"} of scores that dbench does not know.
    """
    kept.refuse_folder(output, "the report's folder")
    found = material.read([files.reference(folder) for folder in folders], scale)
    directions.say(better or {}, found.metrics)
    choice.headline(found.metrics, metric)  # refuses a metric that is in none of the tables
    lacks = found.lacks
    judged, left_out = by_agents.judged(found.scores)
    lacks += [f"{said[0].upper()}{said[1:]}." for said in left_out]
    parts: dict[str, Part] = {}
    tables, first = [], []
    datasets = list(found.scores["dataset"].unique())
    for dataset in datasets:
        end, of = (f"_{dataset}", f" on {dataset}") if len(datasets) > 1 else ("", "")
        some, whole = (t[t["dataset"] == dataset] for t in (judged, found.scores))
        logs = found.logs[found.logs["dataset"] == dataset]
        own = list(some["metric"].unique())
        shown = choice.headline(own, metric if metric in own else None)
        tables.append(headline.table(some, f"Scores{of}"))
        ask = partial(answers.tables, some, of, jax.random.key(0))
        first += attempt(lacks, f"what is best{of}", ask)
        for part in _parts(found, some, whole, logs, end, of):
            parts[part.id] = part
        if not shown:
            lacks.append(f"No score{of} is better one way: no best and worst runs.")
        else:
            part = _runs(found, some, logs, shown, end, of, source)
            parts |= {part.id: part} if part.groups else {}
    overall = choice.headline(found.metrics, metric)
    if len(datasets) > 1 and overall:
        draw = partial(choosing.between, judged, overall, jax.random.key(0))
        made = attempt(lacks, "transfer between data sets", lambda: [draw()])
        parts |= {"all": Part("all", "Between data sets", [Group(made)])} if made else {}
    earlier = stale.figures(output / PAGE)
    names, made = {}, [f for part in parts.values() for g in part.groups for f in g.figures]
    for figure in made:
        wrote = attempt(lacks, figure.name, partial(figure.write, output))
        names[figure.stem] = wrote
    studies = ", ".join(found.folders)
    content = page.render(
        title=f"{studies}: report",
        summary=summary.said(found),
        methods=list(found.scores["method"].unique()),
        metrics=found.metrics,
        lacks=lacks,
        answers=first,
        tables=tables,
        parts=list(parts.values()),
        meanings=headline.meanings(found.metrics),
        origin=headline.origin(found),
        failures=found.failures.to_dict("records"),
        files=names,
    )
    files.write_bytes(output / PAGE, content)
    stale.remove(earlier, {name for wrote in names.values() for name in wrote})
    return output / PAGE, lacks


def _parts(found, some, whole, logs, end, of) -> list[Part]:
    """The sections of one data set; of `whole`, with agents that did not learn, those of agents."""
    parts, lacks = [], found.lacks
    drawn = attempt(lacks, f"the scores{of}", lambda: scores.figures(some, logs, lacks, end, of))
    by_metric: dict[str, list[Figure]] = {}
    for figure in drawn:
        by_metric.setdefault(figure.metric, []).append(figure)
    groups = [Group(figures, name, metric=name) for name, figures in by_metric.items()]
    parts.append(Part(f"scores{end}", "Every run", groups, dataset=of.removeprefix(" on ")))
    key = jax.random.key(0)
    why: dict[str, list[str]] = {}
    between = [
        *attempt(lacks, "rank correlations", lambda: [charts.heat(some, key, end)], why),
        *attempt(lacks, "shares of variance", lambda: [charts.shares(some, end)], why),
    ]
    choose = [
        *attempt(
            lacks, "selection without factors", lambda: [choosing.selection(some, key, end)], why
        ),
        *attempt(
            lacks, "the transfer of strengths", lambda: [choosing.transfer(some, key, end)], why
        ),
        *attempt(lacks, "seeds needed", lambda: [choosing.seeds(some, end)], why),
    ]
    learned = partial(agents.learning, whole, found.folders, lacks, end)
    foretold = partial(predicting.prediction, whole, key, end)
    acting = [
        *attempt(lacks, "returns of agents", partial(transferred.returns, whole, end), why),
        *attempt(lacks, "how agents learned", learned, why),
        *attempt(lacks, "codes against agents", foretold, why),
    ]
    lacks += _together(why, of)
    lines = attempt(lacks, f"the training curves{of}", lambda: curves.curves(logs, end))
    over = "Over the runs of all methods, also while the page hides some."
    over = over if some["method"].nunique() > 1 else ""
    sections = {
        "between": ("Scores among each other", between, over),
        "agents": ("Agents", acting, ""),
        "choosing": ("Choosing runs and strengths", choose, over),
        "training": ("Training", lines, ""),
    }
    for name, (title, figures, text) in sections.items():
        if figures:
            own = of.removeprefix(" on ")
            parts.append(Part(f"{name}{end}", title, [Group(figures)], text, own))
    return parts


def _runs(found, some, logs, shown, end, of, source) -> Part:
    """The section of the runs that are shown."""
    lacks, chosen = found.lacks, choice.chosen(some, shown)
    if left := [name for name in some["method"].unique() if name not in set(chosen["method"])]:
        lacks.append(f"No runs of {', '.join(left)} are shown{of}: they have no {shown}.")
    made = attempt(
        lacks,
        f"single runs{of}",
        lambda: runs.groups(chosen, found.folders, logs, shown, devices.mesh(), source, lacks),
    )
    text = f"Of each method by {shown}; the median run is the worse of two in the middle."
    return Part(f"runs{end}", "Best, median and worst run", made, text, of.removeprefix(" on "))


def attempt(lacks: list[str], what: str, make: Callable[[], list], why: dict | None = None) -> list:
    """What `make` gives; what goes wrong with it is said on the page, and the rest goes on.

    `why`: reason -> figures; where it is given, what a table does not allow is kept there instead.
    """
    try:
        return make()
    except InputError as error:
        if why is None:
            lacks.append(f"No figure of {what}: {error}.")
        else:
            why.setdefault(str(error), []).append(what)
    except Exception as error:  # a report with one figure less is better than none
        lacks.append(f"No figure of {what}, by a fault of dbench: {type(error).__name__}: {error}.")
    return []


def _together(why: dict[str, list[str]], of: str) -> list[str]:
    """One sentence of all figures that a table does not allow: one seed takes away several."""
    said = [f"{' and '.join(what)} ({reason})" for reason, what in why.items()]
    return [f"No figure{of} of {', of '.join(said)}."] if said else []
