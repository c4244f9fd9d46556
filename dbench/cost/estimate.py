"""What is still to do of a study, in hours and bytes; nothing is trained and nothing written."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dbench.cost import assumed
from dbench.cost.arithmetic import Arithmetic
from dbench.cost.measure import Measured
from dbench.cost.scoring import Scoring, scoring
from dbench.cost.sources import Source
from dbench.cost.speeds import Known, Speed, known, speed
from dbench.metrics import udr
from dbench.study import Run, Study, sets
from dbench.study.plan import Plan, by_program
from dbench.training import programs
from dbench.training.programs import Program

PLATFORMS = ("gpu", "cpu")


class Line(NamedTuple):
    """The runs of one data set and program that are still to do."""

    data: str
    model: str
    runs: int
    sums: Arithmetic
    speeds: dict[str, Speed]  # by platform
    hours: dict[str, float]  # of devices of each platform, that train and encode all of them
    scoring: Scoring
    core_hours: float  # that score all of them
    memory: int  # bytes of a run on its device while it trains
    measured: bool  # whether that is known, and not counted in the trace
    disk: int  # bytes of a run
    state: int  # of them, of the state that training goes on from


def estimate(
    plan: Plan, sources: Sequence[Source], measured: Mapping[Program, Measured] | None = None
) -> list[Line]:
    """A line for each data set and program of a plan. Runs that are half trained count whole."""
    return [_line(plan.study, one, some, sources, measured or {}) for one, some in kinds(plan)]


def kinds(plan: Plan) -> list[tuple[Known, list[Run]]]:
    """The runs of a plan by data set and program."""
    groups = by_program(plan.todo, plan.datasets)
    return [(known(some[0], plan.datasets[name]), some) for (name, _), some in groups.items()]


def _line(
    study: Study,
    of: Known,
    some: list[Run],
    sources: Sequence[Source],
    measured: Mapping[Program, Measured],
) -> Line:
    here, rows = measured.get(of.program), of.dataset.size
    speeds = {
        platform: here.speed
        if here and here.platform == platform
        else speed(of.run, platform, sources)
        for platform in PLATFORMS
    }
    cost = scoring(study, of.run, rows, sources)
    updates, images = study.steps * of.sums.update, cost.passes * rows * of.sums.encode
    return Line(
        of.run.data,
        of.run.model,
        len(some),
        of.sums,
        speeds,
        {p: len(some) * (updates / s.train + images / s.encode) / 3600 for p, s in speeds.items()},
        cost,
        len(some) * cost.cores / 3600,
        here.run if here else of.sums.live,
        here is not None,
        _disk(study, of),
        of.sums.state if of.sums.update else 0,
    )


def _disk(study: Study, of: Known) -> int:
    """Bytes of a run's folder: its state is twice there, whole and as its parameters."""
    factors = len(of.dataset.names)
    codes, logvar = programs.codes(of.program, factors)
    kept = min(udr.ROWS, of.dataset.size) * (4 * codes * (1 + logvar) + 8 * factors)
    log = assumed.LINE * -(-study.steps // study.chunk) if of.sums.update else 0
    state = of.sums.state if of.sums.update else 0
    udrs = kept if sets.wanted(study.metrics) else 0
    return state + of.sums.params + log + udrs + assumed.OTHER_FILES
