"""Pictures of a matrix and of numbers by factor: each function makes one figure.

Matplotlib's objects are used, not pyplot: no state that is not in the figure, no window.
"""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

LETTER = 0.075  # inches a character takes, about
LONGEST = 30  # characters of a name that are shown


def heat_map(
    matrix: np.ndarray,
    labels: list,
    kinds: Sequence[str],
    title: str,
    unit: str,
    reach: float = 0.0,
):
    """A matrix in colours, its values written in the cells where there is room.

    The colours go to `reach` at least, so that noise does not shine where all is noise.
    """
    figure, axes, cell = _canvas(matrix.shape, labels, kinds, title)
    finite = np.where(np.isfinite(matrix), matrix, np.nan)
    low, high = (float(limit(finite, initial=0)) for limit in (np.nanmin, np.nanmax))
    if low < 0:  # signed: white is 0
        high = max(high, -low, reach)
        low, colours = -high, colormaps["RdBu_r"]
    else:
        high, colours = max(high, reach) or 1.0, colormaps["cividis"]
    image = axes.imshow(finite, cmap=colours, norm=Normalize(low, high), aspect="auto")
    axes.set_facecolor("lightgrey")  # seen where there is no finite value
    if cell[0] >= 0.42 and cell[1] >= 0.2:
        for (i, j), value in np.ndenumerate(matrix):
            red, green, blue, seen = colours(image.norm(finite[i, j]))
            dark = seen and 0.3 * red + 0.6 * green + 0.1 * blue < 0.5
            text = _number(value, high) if np.isfinite(value) else str(value)
            axes.text(
                j, i, text, ha="center", va="center", size=8, color="white" if dark else "black"
            )
    bar = figure.colorbar(image, ax=axes, pad=0.02, fraction=0.6 / figure.get_figwidth(), aspect=25)
    bar.set_label(unit, size=9)
    bar.ax.tick_params(labelsize=8)
    return figure


def hinton(
    matrix: np.ndarray,
    labels: list,
    kinds: Sequence[str],
    title: str,
    unit: str,
    reach: float = 0.0,
):
    """Squares whose area is the value: few large ones are read at a glance.

    A full cell is the largest value, or `reach` if that is more.
    """
    figure, axes, _ = _canvas(matrix.shape, labels, kinds, title, square=True)
    largest = max(float(np.nanmax(np.abs(matrix), initial=0)), reach) or 1.0
    sides = np.sqrt(np.abs(np.nan_to_num(matrix)) / largest) * 0.94
    squares = [Rectangle((j - s / 2, i - s / 2), s, s) for (i, j), s in np.ndenumerate(sides)]
    axes.add_collection(PatchCollection(squares, facecolor="#00224e", edgecolor="none"))
    axes.set(xlim=(-0.5, matrix.shape[1] - 0.5), ylim=(matrix.shape[0] - 0.5, -0.5), aspect="equal")
    axes.set_facecolor("#eeeeee")
    axes.set_xlabel(
        f"{kinds[1]}\n(area: {unit}; a full cell is {_number(largest, largest)})", size=9
    )
    return figure


def bars(values: dict[str, float], title: str, unit: str, score: float) -> Figure:
    """One bar a factor, and the score as a line."""
    figure = _figure(5.2, 1.2 + 0.28 * len(values))
    axes = figure.add_subplot()
    axes.set_xlabel(unit, size=9, parse_math=False)
    heights = np.array(list(values.values()))
    axes.barh(range(len(values)), heights, color="#31446b", height=0.7)
    axes.axvline(score, color="#b8860b", linestyle="--", linewidth=1.2)
    inside = np.isfinite(heights).all() and heights.min() >= 0 and heights.max() <= 1
    if inside and 0 <= score <= 1:
        axes.set_xlim(0, 1.02)
        axes.set_xticks(np.linspace(0, 1, 6))
    beside = axes.get_yaxis_transform()  # numbers in a column right of the line of any score
    for i, value in enumerate(heights):
        axes.text(1.01, i, f"{value:.3f}", transform=beside, va="center", size=8)
    _ticks(axes.yaxis, [short(name) for name in values])
    axes.invert_yaxis()
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(textwrap.fill(title, 60), size=10, loc="left", parse_math=False)
    return figure


def _canvas(shape: tuple[int, int], labels: list, kinds: Sequence[str], title: str, square=False):
    """Figure and axes for cells of a fair size, and that size: (width, height) in inches."""
    rows, columns = shape
    longest = max(map(len, labels[1]), default=1) * LETTER
    width = float(np.clip(9 / columns, 0.05, np.clip(longest + 0.1, 0.6, 1.0)))
    height = float(np.clip(9 / rows, 0.05, max(0.34, 1.8 / rows)))  # room for the bar's label
    if square:
        width = height = min(width, height, 0.4)
    turned = longest > width
    left = max(map(len, labels[0]), default=1) * LETTER + 0.4
    below = 0.45 + (longest * 0.75 if turned else 0.15)
    wide = max(left + width * columns + (0.3 if square else 1.1), 4.2)
    lines = textwrap.wrap(title, int(wide / LETTER))
    figure = _figure(wide, below + height * rows + 0.2 * len(lines) + 0.25)
    figure.suptitle("\n".join(lines), size=10, x=0.02, ha="left", parse_math=False)
    axes = figure.add_subplot()
    _ticks(axes.xaxis, labels[1], width)
    _ticks(axes.yaxis, labels[0], height)
    if turned:
        for label in axes.get_xticklabels():
            label.set(rotation=40, ha="right", rotation_mode="anchor")
    axes.set_xlabel(kinds[1], size=9)
    axes.set_ylabel(kinds[0], size=9)
    return figure, axes, (width, height)


def _figure(width: float, height: float) -> Figure:
    room = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08)
    return Figure((width, height), dpi=150, layout=room)


def _ticks(axis, labels: list[str], room: float = 1.0) -> None:
    """A label each, or every 2, 5, 10 where they would overlap; `room` for each is in inches."""
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if step * room >= 0.14)
    at = range(0, len(labels), every)
    axis.set_ticks(at, [labels[i] for i in at], parse_math=False, size=8)


def short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _number(value: float, largest: float) -> str:
    """As many digits as tell values apart next to the largest, in five characters or so."""
    digits = 2 if largest >= 0.1 else 3 if largest >= 0.01 else 4
    digits = max(digits - len(str(int(largest))) + 1, 0)
    return f"{round(value, digits) + 0.0:.{digits}f}"  # + 0: no -0.00
