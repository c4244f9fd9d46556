"""What parts on many machines took, by model and data set, from the records of their workers."""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from dbench.cluster import record, written
from dbench.cluster.written import Written
from dbench.cost.sources import DEVICE, Made, Source
from dbench.errors import InputError
from dbench.study import held, runs

STAGES = ("training", "encoding", "scoring")


def found(places: list[Path]) -> Iterator[Source]:
    """Those of all plans of studies in folders of results; what cannot be read is none."""
    for path in (path for place in places for path in sorted(place.glob(f"*/{held.PARTS}"))):
        for number in written.numbers(path.parent):
            with contextlib.suppress(InputError, LookupError, TypeError, ValueError, OSError):
                yield from _of(written.read(path / str(number) / written.NAME))


def _of(plan: Written) -> Iterator[Source]:
    """A source for each model, data set and kind of device of a plan."""
    sums: dict[tuple[str, str, str], Counter] = defaultdict(Counter)
    for part in range(len(plan.parts)):
        told = record.read(plan.part(part))
        for attempt in told.get("attempts", []):
            key = (told.get("model", ""), told.get("data", ""), attempt["device"])
            sums[key].update(attempt["seconds"])
            sums[key].update(steps=attempt.get("steps", 0), scored=attempt.get("scored", 0))
    first = {(run.model, run.data): run for run in reversed(runs(plan.study))}
    for (model, data, name), total in sums.items():
        device = DEVICE.fullmatch(name)
        if not device or not total["training"] or not total["steps"]:
            continue
        name = f"{plan.study.name} at scale {plan.study.scale}"
        said = f"parts of {name}, {model} on {data}: {total['scored']:,} runs, on {device[0]}"
        made = [Made(first[model, data], total["steps"], total["scored"])]
        took = [float(total[stage]) for stage in STAGES]
        yield Source(said, plan.study, made, device[2], int(device[1]), *took)
