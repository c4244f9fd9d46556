"""What the policies of a model do: codes over the place in the image, and each policy's choice.

    policies    of each code its value at each place, and the move that its policy makes on average
    choices     probabilities of each action by each code's policy, means over the images
    growth      change of each code by each action, means over the images

After the figure of Thomas et al., "Independently Controllable Factors", 2017, whose codes and
policies stand side by side.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dbench import files
from dbench.data import actions
from dbench.pictures import matrix
from dbench.pictures.places import cells, position
from dbench.pictures.runs import Run
from dbench.scoring import moves
from dbench.scoring.trained_model import TrainedModel
from dbench.training import devices

MOST = 12  # codes of the picture of places, those that vary most
ACROSS = 4  # maps side by side
STATES = 1_000  # whose next states are looked at


class Choices(NamedTuple):
    """Of d codes and a actions; n images of a run's sample."""

    actions: list[actions.Action]
    policy: np.ndarray  # [n, d, a] probabilities
    growth: np.ndarray  # [d, a] mean change of each code by each action, where that moves anything
    order: np.ndarray  # [d] codes, the one that varies most first
    active: np.ndarray  # [d] bool: not those that hardly vary


def read(run: Run) -> Choices:
    """What the policies of a run choose for the images of its sample."""
    given = run.dataset, run.program, run.numbers, run.params
    model = TrainedModel(*given, devices.mesh(), jax.random.key(0))
    found = moves.moves(model, STATES)
    counts = np.maximum(found.moved.sum(axis=0), 1)
    growth = (found.change * found.moved[..., None]).sum(axis=0) / counts[:, None]
    policy = moves.policies(model, run.rows)
    written = actions.listed(run.program.build().actions)
    return Choices(written, policy, growth.T, run.latents.order, found.active)


def table(run: Run, found: Choices) -> pd.DataFrame:
    """latent, the two factors of position, code, and the mean move along each; empty of none."""
    place = position(run.latents.factors)
    if place is None:
        return pd.DataFrame()
    names = [run.latents.factors[k] for k in place]
    at = {n: cells(run.table.factors[:, k]) for n, k in zip(names, place, strict=True)}
    steps = np.array([[a.step * (a.factor == n) for n in names] for a in found.actions])
    moved = found.policy @ steps  # [n, d, 2]
    parts = []
    for j in found.order[:MOST]:
        own = {"code": run.table.mean[:, j], "across": moved[:, j, 0], "down": moved[:, j, 1]}
        means = pd.DataFrame(at | own).groupby(names).mean().reset_index()
        parts.append(means.assign(latent=f"z{j}"))
    return pd.concat(parts, ignore_index=True)[["latent", *names, "code", "across", "down"]]


def picture(run: Run, found: Choices, data: pd.DataFrame) -> Figure:
    """A map of each code: colours its value at each place, arrows the mean move of its policy."""
    x, y = data.columns[1:3]
    shown = list(dict.fromkeys(data["latent"]))
    columns, rows = min(ACROSS, len(shown)), -(-len(shown) // ACROSS)
    figure = Figure((1.2 + 2.1 * columns, 0.85 + 2.35 * rows), dpi=110, layout="constrained")
    figure.suptitle(
        f"colours: each code at each place ({x} across, {y} down);\n"
        "arrows: the mean move of its policy there;\n"
        "above: the first action of its policy, and its mean probability",
        size=9,
        parse_math=False,
    )
    reach = float(max(data["code"].abs().max(), 1e-6))
    grid = figure.subplots(rows, columns, squeeze=False)
    mean = found.policy.mean(axis=0)
    for axes, name in itertools.zip_longest(grid.flat, shown):
        axes.set_axis_off()
        if name is None:
            continue
        own = data[data["latent"] == name]
        image = own.pivot(index=y, columns=x, values="code")
        axes.imshow(image, cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
        arrows = {"angles": "xy", "scale_units": "xy", "scale": 1.3, "pivot": "mid"}
        shape = {"width": 0.009, "headwidth": 4, "headlength": 4, "headaxislength": 4}
        axes.quiver(own[x], own[y], own["across"], own["down"], **arrows, **shape)
        code = int(name[1:])
        first = mean[code].argmax()
        said = f"{found.actions[first].name} {mean[code, first]:.0%}"
        said = f"{name}: {said if found.active[code] else 'hardly varies'}"
        axes.set_title(said, size=9, parse_math=False)
    bar = figure.colorbar(grid[0, 0].images[0], ax=grid, fraction=0.05, pad=0.02, aspect=20)
    bar.set_label("mean code", size=8)
    bar.ax.tick_params(labelsize=7)
    return figure


def choices(run: Run, found: Choices) -> Figure:
    """Probabilities of actions by policy."""
    title = "what each code's policy chooses, mean over images"
    return _heat(found, found.policy.mean(axis=0), title, "probability", 1.0)


def growth(run: Run, found: Choices) -> Figure:
    """Changes of codes by action."""
    title = "change of each code by action, mean over images"
    return _heat(found, found.growth, title, "change of the code", 0.05)


def _heat(found: Choices, values: np.ndarray, title: str, unit: str, reach: float) -> Figure:
    labels = [[f"z{j}" for j in found.order], [action.name for action in found.actions]]
    return matrix.heat_map(values[found.order], labels, ("code", "action"), title, unit, reach)


def write(run: Run, folder: Path) -> Iterator[Path]:
    """policies.png, where the data set has places; choices.png; growth.png."""
    found = read(run)
    data = table(run, found)
    made = {"policies": picture(run, found, data)} if len(data) else {}
    made |= {"choices": choices(run, found), "growth": growth(run, found)}
    for name, figure in made.items():
        path = folder / f"{name}.png"
        with files.replacing(path) as temporary:
            figure.savefig(temporary, format="png")
        yield path
