"""DisBM under other names, as a study sweeps numbers and models but no words."""

import inspect
from collections.abc import Callable

from dbench.base import Model
from dbench.models.disbm import disbm


def other(correspondence: str, what: str) -> Callable[..., Model]:
    """`disbm` with another default for what is made of pairs; `what` is its line in lists."""

    def build(shape, **options):
        return disbm(shape, **{"correspondence": correspondence} | options)

    known = inspect.signature(disbm)
    parameters = [
        p.replace(default=correspondence) if name == "correspondence" else p
        for name, p in known.parameters.items()
    ]
    build.__signature__ = known.replace(parameters=parameters)  # type: ignore[attr-defined] # inspect reads it
    build.__doc__ = f"{what}\n\n    `disbm` with correspondence {correspondence}; see there.\n    "
    return build


disbm_manifold = other(
    "manifold", "A DisBM whose pairs pull units together, and push others apart."
)
disbm_unpaired = other("none", "A DisBM without pairs: its groups are told nothing.")
