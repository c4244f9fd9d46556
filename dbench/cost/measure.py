"""One chunk of a program, timed on the devices here: `dbench study NAME --plan --measure`."""

import time
from typing import NamedTuple

from dbench import provenance
from dbench.cost.speeds import MEASURED, Known, Speed
from dbench.study import Run, cohorts
from dbench.training import devices, steps

CALL = 20  # updates of a call; a chunk is timed in pieces, or on a CPU it would take minutes
LEAST, MOST = 1.0, 5.0  # seconds of them


class Measured(NamedTuple):
    """A program as it trains here."""

    platform: str
    speed: Speed
    run: int  # bytes of a run on its device while it trains


def measure(of: Known, some: list[Run], chunk: int, at_once: int | None = None) -> Measured:
    """Trains a chunk of these runs, MOST seconds of it, as many at once as a study would.

    Nothing is kept. `of`: their program, with its real images.
    """
    mesh = devices.mesh()
    free, placed = devices.free(mesh), steps.place_data(of.dataset, mesh)
    call = min(CALL, chunk, of.run.steps)
    fit = cohorts.fit(cohorts.Group(some, None), placed, mesh, call, at_once, free)
    cohort = cohorts.cohort(some[: fit.runs], placed, mesh, fit.runs)
    states, _ = steps.advance(cohort, steps.start(cohort), call)  # compiled, and warm
    made, took, began = 0, 0.0, time.monotonic()
    while took < LEAST or (made < chunk and took < MOST):
        states, _ = steps.advance(cohort, states, call)
        made, took = made + call, time.monotonic() - began
    rate = made * fit.runs * of.sums.update / took / mesh.size
    said = f"a chunk of each program, up to {MOST:.0f} s of it, on {provenance.device()}"
    platform = mesh.devices.flat[0].platform
    return Measured(platform, Speed(rate, rate, MEASURED, said), fit.run)
