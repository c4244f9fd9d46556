"""Pictures of groups of codes: of one image with those of another, and one group as it moves.

    analogies   first group of the image at the left, all other codes of the image above, decoded;
                below each line the true images, where the data set has them
    groups      one group goes in steps from the codes of one image to those of another, all other
                codes stay; the images themselves at both ends

Images are those of `scoring.of_groups`: new identities where a view has left some out.
"""

from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
from matplotlib.figure import Figure

from dbench import files
from dbench.base import numpy_rng
from dbench.pictures import sheet
from dbench.pictures.runs import Run, decode, images
from dbench.scoring import of_groups
from dbench.scoring.analogy import swapped, whole
from dbench.scoring.trained_model import TrainedModel
from dbench.training import devices

DOWN = 4  # images whose first group is taken
ACROSS = 8  # images whose other codes are taken; steps of a group
PAIRS = 2  # of images between which each group moves
MOST = 6  # groups that are shown


def shown(run: Run) -> bool:
    """Whether a model's codes come in groups, and there are codes beside the first one."""
    return len(_sets(run)) > 1


def donors(run: Run) -> Run:
    """The run with DOWN + ACROSS images in place of its sample; the first DOWN of many values."""
    rows = np.arange(run.dataset.size)
    if len(run.dataset.varying) > 1:
        rows, _ = of_groups.unseen(run.dataset)
    rows = numpy_rng(jax.random.key(0)).permutation(rows)
    if run.dataset.varying:
        values = run.dataset.factors[rows, run.dataset.varying[0]]
        first = np.sort(np.unique(values, return_index=True)[1])[:DOWN]
        rows = np.concatenate([rows[first], np.delete(rows, first)])
    rows = np.resize(rows, DOWN + ACROSS).astype(np.int32)
    given = run.dataset, run.program, run.numbers, run.params
    model = TrainedModel(*given, devices.mesh(), jax.random.key(0))
    return run._replace(rows=rows, table=model.codes("analogies", rows))


def analogies(run: Run, cell: int = sheet.CELL) -> Figure:
    """The sheet of analogies of the images of `donors`."""
    codes, first = run.table.mean, next(iter(_sets(run).items()))
    a, b = np.arange(DOWN), np.arange(DOWN, DOWN + ACROSS)
    mixed = np.repeat(codes[None, b], DOWN, axis=0)  # [DOWN, ACROSS, d]
    mixed[..., first[1]] = codes[a][:, None, first[1]]
    made = decode(run, mixed.reshape(-1, codes.shape[1])).reshape(DOWN, ACROSS, *run.dataset.shape)
    seen, blank = images(run, np.arange(len(run.rows))), np.ones((1, *run.dataset.shape))
    lines, labels = [np.concatenate([blank, seen[b]])], [("images", "their other codes")]
    for i in a:
        lines.append(np.concatenate([seen[i : i + 1], made[i]]))
        labels.append((f"{first[0]} of the first", "decoded"))
        if run.dataset.varying and whole(run.dataset):
            true = swapped(run.dataset, np.repeat(run.rows[i], ACROSS), run.rows[b])
            lines.append(
                np.concatenate([blank, images(run._replace(rows=true), np.arange(ACROSS))])
            )
            labels.append(("", "in truth"))
    title = f"analogies: {first[0]} of the image at the left, all other codes of the image above"
    return sheet.figure(lines, labels, title, cell)


def moving(run: Run, cell: int = sheet.CELL) -> Figure:
    """The sheet of groups that move, between the images of `donors`."""
    codes, lines, labels = run.table.mean, [], []
    share = np.linspace(0, 1, ACROSS)[:, None]
    for name, numbers in [*_sets(run).items()][:MOST]:
        for i in range(PAIRS):
            pair = np.array([i, DOWN + i])
            one, two = codes[pair]
            moved = np.repeat(one[None], ACROSS, axis=0)
            moved[:, numbers] = (1 - share) * one[numbers] + share * two[numbers]
            ends = images(run, pair)
            lines.append(np.concatenate([ends[:1], decode(run, moved), ends[1:]]))
            labels.append((name, "from the first image's\nto the last one's"))
    left = len(_sets(run)) - MOST
    more = f"; {left} more are not shown" if left > 0 else ""
    return sheet.figure(lines, labels, f"one group of codes moves, all others stay{more}", cell)


def write(run: Run, folder: Path) -> Iterator[Path]:
    """Both sheets, analogies.png and groups.png; yields each when it is written."""
    some = donors(run)
    for draw, name in ((analogies, "analogies"), (moving, "groups")):
        path = folder / f"{name}.png"
        with files.replacing(path) as temporary:
            draw(some).savefig(temporary, format="png")
        yield path


def _sets(run: Run) -> dict[str, list[int]]:
    if not run.program.build().groups:
        return {}
    return of_groups.sets(run.program, run.table.mean.shape[1])
