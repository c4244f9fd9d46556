"""Pictures of what is behind scores. They see `Score.parts` and names, nothing else.

`<metric>_<part>.png` is a heat map of a matrix, `<metric>_<part>_hinton.png` its Hinton diagram
(importances only), or bars of numbers by factor, as gap/shape. A matrix that several metrics share
is drawn once, under the first of them.
"""

import warnings
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from dbench import files
from dbench.base import Score
from dbench.pictures.matrix import bars, heat_map, hinton, short

NATS = "mutual information, nats"
# metric/part, what rows and columns are, what a value is, how far its colours reach at least:
# a scale that went only to the largest value would make noise shine. The first that fits.
MATRICES = [
    ("infomec_*/information", "code", "factor", "I / H(factor), no unit", 1.0),
    ("mean_mi*/information", "code", "code", "mutual information, nats", 1.0),
    ("*/information", "code", "factor", NATS, 1.0),
    ("*/importance", "code", "factor", "importance, no unit", 1.0),
    ("*/votes", "code", "factor", "share of votes", 0.0),
    ("*/accuracy", "code", "factor", "accuracy", 1.0),
    ("*/r2", "code", "factor", "squared correlation", 1.0),
    ("*/robustness", "code", "factor", "robustness", 1.0),
    ("*/correlation", "code", "code", "correlation", 1.0),
    ("*/covariance", "code", "code", "covariance, squared code units", 0.0),
    ("*/unfairness", "factor", "factor", "total variation distance", 0.0),
    ("*", "code", "factor", "", 0.0),
]
UNITS = {"gap": "gap, no unit"}  # of bars; others have the name of the part
PICTURES = {"": heat_map, "_hinton": hinton}  # end of the file's name -> picture
AXES = {"unfairness": ("predicted factor", "sensitive factor")}  # where the kind does not say it


def draw(
    scores: dict[str, Score], names: Sequence[str], folder: Path, most: float = 0.0
) -> list[Path]:
    """Draws the parts of scores into a folder; returns the files. `names` (k,) are of the factors.

    A matrix is [d, k] code x factor, or [d, d] or [k, k] as MATRICES says. Information in nats has
    colours up to `most`, the largest entropy of a factor: so much a code can know. 0: up to 1 nat.
    """
    written = []
    for (metric, part), (matrix, sharing) in _matrices(scores).items():
        known = next(row for row in MATRICES if fnmatchcase(f"{metric}/{part}", row[0]))
        kinds, unit, reach = known[1:3], known[3], known[4]
        labels = [
            [short(name) for name in names]
            if kind == "factor" and n == len(names)
            else [f"{'factor' if kind == 'factor' else 'code'} {i}" for i in range(n)]
            for n, kind in zip(matrix.shape, kinds, strict=True)
        ]
        title = _title(part, {name: scores[name] for name in sharing})
        if unit == NATS and kinds[1] == "factor" and most:
            reach, title = most, f"{title}; colours to {most:.2f}, the largest entropy of a factor"
        axes = AXES.get(part, kinds)
        for end, picture in PICTURES.items():
            if end == "" or part == "importance":
                figure = picture(matrix, labels, axes, title, unit or part, reach)
                written.append(_save(figure, folder, f"{metric}_{part}{end}"))
    for (metric, part), values in _by_factor(scores, names).items():
        title = _title(part, {metric: scores[metric]})
        unit = UNITS.get(part, part)
        figure = bars(values, title, f"{unit} (dashed: the score)", scores[metric].value)
        written.append(_save(figure, folder, f"{metric}_{part}"))
    return written


def _matrices(scores: dict[str, Score]) -> dict[tuple, tuple[np.ndarray, list[str]]]:
    """(metric, part) -> the matrix and all metrics that have it."""
    found: dict[tuple, tuple] = {}
    for metric, score in scores.items():
        for part, value in score.parts.items():
            if np.ndim(value) == 2 and np.size(value):
                same = (np.shape(value), part, np.asarray(value).tobytes())
                found.setdefault(same, (metric, part, np.asarray(value), []))[3].append(metric)
    return {(metric, part): (matrix, who) for metric, part, matrix, who in found.values()}


def _by_factor(scores: dict[str, Score], names: Sequence[str]) -> dict[tuple, dict[str, float]]:
    """(metric, part) -> factor -> number, of parts named part/factor."""
    found: dict[tuple, dict] = {}
    for metric, score in scores.items():
        for key, value in score.parts.items():
            part, _, name = key.partition("/")
            if not np.ndim(value) and name in names:
                found.setdefault((metric, part), {})[name] = float(value)
    return found


def _title(part: str, scores: dict[str, Score]) -> str:
    """ "mig 0.312 ± 0.004, ...: information"."""
    said = [
        f"{name} {s.value:.3f}" + (f" ± {s.stderr:.3f}" if s.stderr else "")
        for name, s in scores.items()
    ]
    return f"{', '.join(said)}: {part}"


def _save(figure: Figure, folder: Path, name: str) -> Path:
    path = folder / f"{files.plain(name)}.png"
    with files.replacing(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in another script
        figure.savefig(temporary, format="png")
    return path
