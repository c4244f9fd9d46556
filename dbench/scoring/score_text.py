"""Scores as a terminal shows them: in groups, with which way is better, as sure as they are."""

import math
import textwrap

from dbench.base import Score
from dbench.metrics import METRICS
from dbench.metrics.shared.validate import need_factors, need_two_factors
from dbench.tables.directions import DOWNSTREAM, direction

WAYS = {1: "higher", -1: "lower", 0: "-"}
KINDS = ("codes against factors", "accuracy from few labels", "codes alone", "of the model")
LEGEND = (
    "better: which way a score is better, - neither. ±: sampling error of this one score, if "
    "anything is sampled; models differ by more from seed to seed."
)
WIDTH = 100


def text(found: dict[str, Score], size: tuple[int, int] | None = None) -> str:
    """A block a kind of score. `size`: columns and lines of a terminal.

    Where all blocks are too long for it, and it is wide enough, scores stand in two columns.
    """
    groups = {kind: [name for name in found if _kind(name) == kind] for kind in KINDS}
    groups = {kind: names for kind, names in groups.items() if names}
    head, *each = _rows(found)
    rows = dict(zip(found, each, strict=True))
    lines = len(rows) + len(groups) + 4
    several = size is not None and lines > size[1] and 2 * len(head) + 6 <= size[0]
    said = [f"  {head}    {head}" if several else f"  {head}"]
    for kind, names in groups.items():
        some = [rows[name] for name in names]
        half = -(-len(some) // 2) if several else len(some)
        beside = [*some[half:], *[""] * half]
        pairs = zip(some[:half], beside, strict=False)
        said += [kind, *(f"  {one}    {two}".rstrip() for one, two in pairs)]
    return "\n".join([*said, *textwrap.wrap(LEGEND, WIDTH)])


def _rows(found: dict[str, Score]) -> list[str]:
    """Their title, then name, score, its error and the way; the points of numbers in one line."""
    cells = [_number(score) for score in found.values()]
    points = [value.partition(".") for value, _ in cells]
    before = max(len(whole) for whole, _, _ in points)
    after = max(len(point + rest) for _, point, rest in points)
    values = [f"{whole:>{before}}{point + rest:{after}}" for whole, point, rest in points]
    names, errors = max(map(len, found)), max(len(error) for _, error in cells)
    head = f"{'':{names}}  {'score':{before + after + 2 + errors}}  better"
    return [head] + [
        f"{name:{names}}  {value}  {error:{errors}}  {WAYS[direction(name)]:6}"
        for name, value, (_, error) in zip(found, values, cells, strict=True)
    ]


def _kind(name: str) -> str:
    if name not in METRICS:
        return KINDS[3]
    if name.startswith(DOWNSTREAM):
        return KINDS[1]
    return KINDS[0] if {need_factors, need_two_factors} & {*METRICS[name].needs} else KINDS[2]


def _number(score: Score) -> tuple[str, str]:
    """A score and its error, with two digits of that; with four decimals where there is none."""
    value, error = score.value, score.stderr
    if not math.isfinite(value):
        return str(value), ""
    if not math.isfinite(error) or error <= 0:
        whole = abs(value) > 1 and float(value).is_integer()
        tiny = 0 < abs(value) < 0.001
        return f"{value:.0f}" if whole else f"{value:.2e}" if tiny else f"{value:.4f}", ""
    digits = min(max(1 - math.floor(math.log10(error)), 0), 6)
    return f"{value:.{digits}f}", f"± {error:.{digits}f}"
