"""Pictures of single runs, from their checkpoints: reconstructions, traversals, what codes know."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
from jax.sharding import Mesh
from matplotlib.figure import Figure as Canvas

from dbench import checkpoint, data, evaluate, pictures, sheet, traverse
from dbench.base import Dataset
from dbench.errors import InputError
from dbench.models import split
from dbench.report import curves, posteriors
from dbench.report.figure import Figure
from dbench.report.page import Group

CELL = 48  # pixels that an image takes at least
MATRICES = [  # title, parts of scores that have it, the first that is there; unit; picture
    ("Mutual information", ("mig", "mig_histogram", "mig_sup"), "information", "nats"),
    (
        "Importance",
        ("dci_disentanglement", "dci_completeness", "dci_informativeness"),
        "importance",
        "importance, no unit",
    ),
]


def groups(
    chosen: pd.DataFrame,
    folders: dict[str, Path],
    logs: pd.DataFrame,
    metric: str,
    mesh: Mesh,
    source: Path | None,
    lacks: list[str],
) -> list[Group]:
    """The pictures of the chosen runs, a group each. Those with no checkpoint are said."""
    made, without, datasets = [], [], {}
    for _, some in chosen.groupby(["dataset", "method"], sort=False):
        rows = some.to_dict("records")
        paths = [folders[row["study"]] / row["run"] for row in rows]
        there = [checkpoint.paths(path)[1].exists() for path in paths]
        without += [row["run"] for row, ok in zip(rows, there, strict=True) if not ok]
        rows = [row for row, ok in zip(rows, there, strict=True) if ok]
        paths = [path for path, ok in zip(paths, there, strict=True) if ok]
        if not rows:
            continue
        try:
            config = evaluate.finished(paths[0])
            name = config["dataset"]
            if name not in datasets:
                datasets[name] = data.load(name, source)
            checkpoint.same_data(paths[0], config, datasets[name])
            loaded = _load(paths, datasets[name], mesh)
        except (InputError, KeyError) as error:
            lacks.append(f"No pictures of {rows[0]['method']}'s runs: {error}.")
            continue
        for row, path, run in zip(rows, paths, loaded, strict=True):
            log = logs[(logs["study"] == row["study"]) & (logs["run"] == row["run"])]
            made.append(_group(row, path, run, log, metric, lacks))
    if without:
        lacks.append(
            f"{len(without)} of the runs to show have no checkpoint here ({without[0]}"
            + (", ...)" if without[1:] else ")")
            + ": no reconstructions, traversals and matrices of them."
        )
    return made


def _load(paths: list[Path], dataset: Dataset, mesh: Mesh) -> list[traverse.Run]:
    """Runs in one go where they share a program, else one after the other."""
    configs = [evaluate.finished(path) for path in paths]
    structure = [(c["model"], split(c["model"], c["options"])[1], c["batch_size"]) for c in configs]
    if len(set(structure)) == 1:
        return traverse.load(paths, dataset, mesh)
    return [traverse.load([path], dataset, mesh)[0] for path in paths]


def _group(
    row: dict, path: Path, run: traverse.Run, log: pd.DataFrame, metric: str, lacks: list[str]
) -> Group:
    """All that is shown of one run."""
    end, latents = f"{row['method']}_{row['dataset']}_{row['place']}", run.latents
    names = {j: latents.carried(j) or "" for j in range(len(latents.kl))}
    trained = curves.kl_by_latent(log, names, f"kl_by_latent_{end}") if len(log) else None
    figures = [
        *_sheets(run, end),
        *_matrices(path, run, end, lacks),
        *([trained] if trained else []),
        *([_means(run, end)] if latents.factors else []),
    ]
    said = f"{metric} {row['score']:.3f}; {row['strength']}, seed {row['seed']}; {row['run']}"
    return Group(figures, f"{row['method']}: {row['place']} run", said, method=row["method"])


def _sheets(run: traverse.Run, end: str) -> list[Figure]:
    """Reconstructions and traversals."""
    shown = pd.DataFrame(run.table.factors[: sheet.COLUMNS], columns=run.latents.factors)
    shown.insert(0, "row", run.rows[: sheet.COLUMNS])
    order = run.latents.order
    told = [(f"z{j}", run.latents.kl[j], run.latents.carried(j)) for j in order]
    return [
        picture(
            traverse.reconstructions(run, CELL),
            f"reconstructions_{end}",
            "Reconstructions",
            "Images above, below them what the decoder makes of their codes.",
            shown,
            image=True,
        ),
        picture(
            traverse.traversal(run, 0, cell=CELL),
            f"traversal_{end}",
            "Latent traversals",
            f"Decoded means as one latent goes from -{traverse.SPAN:g} to {traverse.SPAN:g} and "
            "the others stay as the first image is encoded; beside each latent the factor that "
            "it knows most of.",
            pd.DataFrame(told, columns=["latent", _known_by(run), "factor"]),
            image=True,
        ),
    ]


def _known_by(run: traverse.Run) -> str:
    """What latents are sorted by: codes of a GAN, say, have no KL."""
    return "kl" if run.table.logvar is not None else "variance"


def _means(run: traverse.Run, end: str) -> Figure:
    means = posteriors.table(run.table, run.latents)
    return picture(
        posteriors.picture(means, run.latents),
        f"posterior_means_{end}",
        "Codes over factors" if run.table.logvar is None else "Posterior means over factors",
        f"Mean of the codes of {len(run.rows):,} images by the value of each factor; grey: 10% to "
        "90% of them.",
        means,
    )


def _matrices(path: Path, run: traverse.Run, end: str, lacks: list[str]) -> list[Figure]:
    """What each latent knows of each factor, and how important it is to it."""
    parts = evaluate.read_arrays(evaluate.beside(path / "scores.csv")[0])
    made, latents = [], run.latents
    labels = [[f"z{j}" for j in latents.order], list(map(pictures.short, latents.factors))]
    for title, metrics, part, unit in MATRICES:
        known = next((m for m in metrics if f"{m}/{part}" in parts), None)
        matrix = parts[f"{known}/{part}"] if known else None
        if matrix is None and part == "information" and latents.factors:
            known, matrix = f"{len(run.rows):,} images", latents.information
        if matrix is None or matrix.shape != latents.information.shape:
            _say(
                lacks,
                f"{title}: the study has none of {', '.join(metrics)}, which it is a part of.",
            )
            continue
        matrix = np.asarray(matrix)[latents.order]
        rows = pd.DataFrame(matrix, columns=latents.factors)
        rows.insert(0, "latent", labels[0])
        draw = pictures.hinton if part == "importance" else pictures.heat_map
        canvas = draw(matrix, labels, ("latent", "factor"), f"as in {known}", unit)
        name = f"{part}_{end}"
        most = {"kl": "KL"}.get(_known_by(run), _known_by(run))
        made.append(picture(canvas, name, title, f"Latents with most {most} first.", rows))
    return made


def _say(lacks: list[str], sentence: str) -> None:
    if sentence not in lacks:
        lacks.append(sentence)


def picture(
    canvas: Canvas, name: str, title: str, caption: str, table: pd.DataFrame, image=False
) -> Figure:
    """A matplotlib figure as one of the report; of `image` sheets there is no .svg."""
    kept = {}
    for kind in ("png",) if image else ("png", "svg"):
        file = io.BytesIO()
        canvas.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
        kept[kind] = file.getvalue()
    scale = 1.0 if image else 96 / canvas.dpi
    size = tuple(round(float(s) * canvas.dpi * scale) for s in canvas.get_size_inches())
    return Figure(
        name, title, caption, table, png=kept["png"], svg=kept.get("svg"), pixels=size, broad=image
    )
