"""What a study would cost, as text: a table, its sums, and where every number comes from."""

from collections.abc import Sequence
from typing import NamedTuple

from dbench.cost import assumed
from dbench.cost.estimate import Line
from dbench.study import Study
from dbench.study.cohorts import size

HEAD = (
    *("data set", "model", "runs", "parts", "GPU hours", "or core hours", "+ scoring"),
    *("a run in training", "on disk"),
)


class Site(NamedTuple):
    """What is known of the machines; None: nothing."""

    at_once: int | None = None  # parts that run at a time
    cpus: int | None = None  # cores of a part
    price: float | None = None  # of a GPU hour
    gpus: bool | None = None  # whether a part gets a GPU
    apart: bool = False  # whether others score


UNKNOWN = Site()


class Marks:
    """A letter for each sentence that says where numbers come from."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def of(self, origin: str, said: str) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz"
        sentence = f"{origin}: {said}"
        if sentence not in self.said:
            n = len(self.said)
            self.said[sentence] = letters[n] if n < len(letters) else f"n{n}"
        return self.said[sentence]


def text(
    study: Study, lines: Sequence[Line], total: int, parts: Sequence[int], site: Site = UNKNOWN
) -> str:
    """The page. `total`: runs of the study; `parts`: of each line."""
    todo = sum(line.runs for line in lines)
    head = (
        f"{study.name} at scale {study.scale}: {total:,} runs of {study.steps:,} steps, "
        f"{total - todo:,} done, {todo:,} to do"
    )
    if not lines:
        return f"{head}: it costs nothing more"
    marks = Marks()
    rows = [_row(line, count, marks) for line, count in zip(lines, parts, strict=True)]
    rows.append(_sum(lines, parts))
    said = [f"  {letter}  {sentence}" for sentence, letter in marks.said.items()]
    return "\n".join([head, "", *_aligned([HEAD, *rows]), "", *_sums(lines, site), "", *said])


def _row(line: Line, parts: int, marks: Marks) -> tuple[str, ...]:
    gpu, cpu = line.speeds["gpu"], line.speeds["cpu"]
    found = "measured" if line.measured else "counted"
    how = {
        "measured": "what the compiled program takes here",
        "counted": "state, gradients and activations in the trace of an update, not compiled",
    }
    return (
        line.data,
        line.model,
        f"{line.runs:,}",
        f"{parts:,}",
        f"{_amount(line.hours['gpu'])} {marks.of(gpu.origin, gpu.said)}",
        f"{_amount(line.hours['cpu'])} {marks.of(cpu.origin, cpu.said)}",
        f"{_amount(line.core_hours)} {marks.of(line.scoring.origin, line.scoring.said)}",
        f"{size(line.memory)} {marks.of(found, how[found])}",
        size(line.disk),
    )


def _sum(lines: Sequence[Line], parts: Sequence[int]) -> tuple[str, ...]:
    hours = [_amount(sum(line.hours[kind] for line in lines)) + "  " for kind in ("gpu", "cpu")]
    scoring = _amount(sum(line.core_hours for line in lines)) + "  "
    disk = size(sum(line.runs * line.disk for line in lines))
    counts = f"{sum(line.runs for line in lines):,}", f"{sum(parts):,}"
    return ("all", "", *counts, *hours, scoring, "", disk)


def _sums(lines: Sequence[Line], site: Site) -> list[str]:
    gpu, cpu = (sum(line.hours[kind] for line in lines) for kind in ("gpu", "cpu"))
    cores = sum(line.core_hours for line in lines)
    cpus = site.cpus or assumed.CPUS
    held, alone = 0.0 if site.apart else cores / cpus, cpu + cores
    said = []
    if site.gpus is not False:
        scored = f"{_amount(held)} to score on {cpus} cores beside each"
        if site.apart:
            scored = f"none to score, which takes {_amount(cores)} core hours apart"
        said.append(
            f"on GPUs: {_amount(gpu)} hours to train and encode, and {scored}: "
            f"{_amount(gpu + held)} GPU hours" + _rest(gpu + held, site)
        )
        if site.price is not None:
            price = (gpu + held) * site.price
            said.append(f"price: {price:,.2f}, at {site.price:,.2f} a GPU hour (cluster.toml)")
    if not site.gpus:
        wall = alone / (site.cpus or 1)
        said.append(
            f"without GPUs: {_amount(cpu)} core hours to train and encode, {_amount(cores)} to "
            f"score: {_amount(alone)} core hours" + _rest(wall, site)
        )
    disk = sum(line.runs * line.disk for line in lines)
    states = sum(line.runs * line.state for line in lines)
    said.append(
        f"disk: {size(disk)} in about {8 * sum(line.runs for line in lines):,} files; "
        f"{size(disk - states)} without states of training, which a cluster drops (--keep-states)"
    )
    return said


def _rest(hours: float, site: Site) -> str:
    """How long it takes with the parts that run at a time."""
    if not site.at_once:
        return f" ({_amount(hours / 24)} days on one)" if hours > 24 else ""
    return f", {_amount(hours / site.at_once)} hours with {site.at_once:,} parts at a time"


def _amount(number: float) -> str:
    """Three digits are more than is known."""
    if number < 0.01:
        return "<0.01" if number else "0"
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
