"""How long it takes to score a run: on processor cores, beside whatever has trained it."""

from collections.abc import Sequence
from typing import NamedTuple

from dbench.cost import assumed
from dbench.cost.sources import Source
from dbench.cost.speeds import ASSUMED, MEASURED
from dbench.metrics import METRICS, select
from dbench.scoring.registry import MODEL_METRICS
from dbench.study import Run, Study
from dbench.tables.directions import base


class Scoring(NamedTuple):
    """Of one run, all its scores together."""

    cores: float  # core seconds
    passes: int  # times that the model goes over all images, on its device
    origin: str  # MEASURED or ASSUMED
    said: str


def scoring(study: Study, run: Run, rows: int, sources: Sequence[Source]) -> Scoring:
    """Of a run whose data set has so many rows; as the same scores took before, else as assumed."""
    ends = {step for steps in study.during.values() for step in steps}
    for source in sources:
        if _same(study, run, source):
            count = sum(each.scored for each in source.made)
            seconds = source.scoring * source.devices / count
            return Scoring(seconds, 1, MEASURED, source.said)  # all other passes are in them
    of_model = [name for name in study.metrics if base(name) in MODEL_METRICS]
    seconds = rows * (_seconds(study.metrics) + len(ends) * _seconds(list(study.during)))
    passes = 1 + len(ends) + len(of_model)
    return Scoring(seconds, passes, ASSUMED, assumed.SCORES_SAID)


def _same(study: Study, run: Run, source: Source) -> bool:
    """Whether a source is of the same scores of the same images; on a CPU its cores are known."""
    return (
        source.platform == "cpu"
        and bool(source.scoring)
        and all(each.run.dataset == run.dataset for each in source.made)
        and any(each.scored for each in source.made)
        and set(source.study.metrics) == set(study.metrics)
        and source.study.during == study.during
    )


def _seconds(metrics: list[str]) -> float:
    """Core seconds a row."""
    of_codes = {base(name) for name in metrics} & METRICS.keys()
    if not of_codes:
        return 0.0
    few = of_codes <= set(select(["study"]))
    return assumed.STUDY_SCORES if few else assumed.ALL_SCORES
