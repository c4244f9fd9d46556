"""Pictures of single runs, from their checkpoints: reconstructions, traversals, what codes know."""

from pathlib import Path

import pandas as pd
from jax.sharding import Mesh

from dbench.base import Dataset
from dbench.data import views
from dbench.data.registry import recorded
from dbench.errors import InputError
from dbench.pictures import sheet, traverse
from dbench.pictures.runs import Run, load
from dbench.report import acting, curves, grouped, maps, matrices, posteriors, symbols
from dbench.report.figure import Figure, picture, say
from dbench.report.page import Group
from dbench.scoring import evaluate
from dbench.training import checkpoint

CELL = 48  # pixels that an image takes at least


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
    made, without = [], []
    datasets: dict[str, Dataset] = {}
    for _, some in chosen.groupby(["dataset", "method"], sort=False):
        rows = some.to_dict("records")
        paths = [folders[row["study"]] / row["run"] for row in rows]
        there = [checkpoint.paths(path)[1].exists() for path in paths]
        without += [row["run"] for row, ok in zip(rows, there, strict=True) if not ok]
        rows = [row for row, ok in zip(rows, there, strict=True) if ok]
        paths = [path for path, ok in zip(paths, there, strict=True) if ok]
        if not rows:
            continue
        loaded, reasons = _whole(paths, datasets, source, mesh)
        for reason in reasons:
            say(lacks, f"No pictures of {rows[0]['method']}'s runs: {reason}.")
        for row, path in zip(rows, paths, strict=True):
            if path not in loaded:
                continue
            run = loaded[path]
            log = logs[(logs["study"] == row["study"]) & (logs["run"] == row["run"])]
            made.append(_group(row, path, run, log, metric, lacks))
    if without:
        lacks.append(
            f"{len(without)} of the runs to show have no checkpoint here ({without[0]}"
            + (", ...)" if without[1:] else ")")
            + ": no reconstructions, traversals and matrices of them."
        )
    return made


def _whole(
    paths: list[Path], datasets: dict, source: Path | None, mesh: Mesh
) -> tuple[dict[Path, Run], list[str]]:
    """The runs that can be read, and why others cannot: one that is damaged hides no other."""
    try:
        return dict(zip(paths, _opened(paths, datasets, source, mesh), strict=True)), []
    except (InputError, KeyError) as error:
        said = f"{paths[0]} lacks {error}" if isinstance(error, KeyError) else str(error)
    if len(paths) == 1:
        return {}, [said]
    each = [_whole([path], datasets, source, mesh) for path in paths]
    return {p: run for some, _ in each for p, run in some.items()}, [
        r for _, why in each for r in why
    ]


def _opened(paths: list[Path], datasets: dict, source: Path | None, mesh: Mesh) -> list[Run]:
    """Runs of one data set, which is kept in `datasets`; of several of one name each by itself."""
    configs = {path: evaluate.finished(path) for path in paths}
    config = configs[paths[0]]
    name, drawn = config["dataset"], config.get("drawn")
    if any((c["dataset"], c.get("drawn")) != (name, drawn) for c in configs.values()):
        return [run for path in paths for run in _opened([path], datasets, source, mesh)]
    if name not in datasets:
        datasets[name] = recorded(name, source)
    for path, config in configs.items():
        checkpoint.same_data(path, config, datasets[name])
    dataset = datasets[name]
    return _load(paths, views.view(dataset, drawn) if drawn else dataset, mesh)


def _load(paths: list[Path], dataset: Dataset, mesh: Mesh) -> list[Run]:
    """Runs in one go where they share a program, else one after the other."""
    from dbench.models import split  # a report of scores alone needs no models

    configs = [evaluate.finished(path) for path in paths]
    structure = [(c["model"], split(c["model"], c["options"])[1], c["batch_size"]) for c in configs]
    if len(set(structure)) == 1:
        return load(paths, dataset, mesh)
    return [load([path], dataset, mesh)[0] for path in paths]


def _group(
    row: dict, path: Path, run: Run, log: pd.DataFrame, metric: str, lacks: list[str]
) -> Group:
    """All that is shown of one run."""
    end, latents = f"{row['method']}_{row['dataset']}_{row['place']}", run.latents
    names = {j: ", ".join(latents.carried(j)) for j in range(len(latents.kl))}
    trained = curves.kl_by_latent(log, names, f"kl_by_latent_{end}") if len(log) else None
    figures = [
        *_sheets(run, end),
        *matrices.figures(path, run, end, lacks),
        *([trained] if trained else []),
        *([_means(run, end)] if latents.factors else []),
        *_maps(run, end),
        *acting.figures(run, end),
        *grouped.figures(run, end, CELL),
        *symbols.figures(run, end),
    ]
    said = f"{metric} {row['score']:.3f}; {row['strength']}, seed {row['seed']}; {row['run']}"
    title, folded = f"{row['method']}: {row['place']} run", row["place"] != "best"
    return Group(figures, title, said, method=row["method"], folded=folded)


def _sheets(run: Run, end: str) -> list[Figure]:
    """Reconstructions and traversals."""
    shown = pd.DataFrame(run.table.factors[: sheet.COLUMNS], columns=run.latents.factors)
    shown.insert(0, "row", run.rows[: sheet.COLUMNS])
    order, most = run.latents.order, run.latents.sorted_by
    low, high = traverse.reached(run)
    told = [(f"z{j}", run.latents.kl[j], run.latents.said(j)) for j in order]
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
            f"Decoded means as one latent goes from {low:g} to {high:g} and "
            f"the others stay as the first image is encoded; beside each latent its {most} and the "
            "factor that it knows the largest share of (100%: all of its entropy), two where they "
            "are close." + (acting.APART if run.program.build().act else ""),
            pd.DataFrame(told, columns=["latent", most.lower(), "factor"]),
            image=True,
        ),
    ]


def _means(run: Run, end: str) -> Figure:
    means = posteriors.table(run.table, run.latents)
    return picture(
        posteriors.picture(means, run.latents),
        f"posterior_means_{end}",
        "Codes over factors" if run.table.logvar is None else "Posterior means over factors",
        f"Mean of the codes of {len(run.rows):,} images by the value of each factor; grey: 10% to "
        "90% of them.",
        means,
    )


def _maps(run: Run, end: str) -> list[Figure]:
    """Each latent over the place in the image, where the data set has factors of one."""
    means = maps.table(run.table, run.latents)
    if not len(means):
        return []
    x, y = means.columns[:2]
    return [
        picture(
            maps.picture(means, run.latents),
            f"maps_{end}",
            f"Latents over {x} and {y}",
            f"Mean of each latent's codes at each place ({x} across, {y} down), over the other "
            f"factors. Bands: it follows one coordinate; slanted: it mixes both. Most "
            f"{run.latents.sorted_by} first.",
            means,
        )
    ]
