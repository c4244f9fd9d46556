"""How well the categorical codes of a model sort images by a factor that they never saw."""

import numpy as np

from dbench.base import Dataset, Score
from dbench.errors import InputError
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program


def sorts(program: Program, dataset: Dataset) -> None:
    """An InputError if the model has no categorical codes, or the data set no factors."""
    if not program.build().categories:
        raise InputError(f"category_error needs categorical codes, which {program.model} has not")
    if not any(size > 1 for size in dataset.sizes):
        raise InputError(f"category_error needs factors, and {dataset.name} has none that vary")


def wrong(found: np.ndarray, factor: np.ndarray) -> float:
    """Share of images [n] whose category's most common factor value is not theirs."""
    counts = np.zeros((found.max() + 1, factor.max() + 1), int)
    np.add.at(counts, (found, factor), 1)
    return float(1 - counts.max(axis=1).sum() / len(found))


def category_error(
    run: TrainedModel,
    *,
    rows: int = 10_000,
) -> Score:
    """Error of categories matched to the factor's most common value, lower is better.

    An image's category is the most likely one by Q. Each category stands for the factor value that
    most of its images have; several may stand for one. The score is the share of images with
    another value, of the pair of categorical code and factor with the least of it. Range [0, 1 -
    share of the most common value]; the match is made on the very images that are scored, so that
    with few images of each category it flatters. Of `rows` distinct images, drawn by the key (all,
    if there are fewer). `stderr`: over images. Parts: `error` [codes, factors], `chance` [factors],
    the error of one category for all, `used` [codes], categories that any image has. Chen et al.,
    "InfoGAN", 2016, section 7.2: 5% on MNIST, where the code has one value for each digit.
    """
    sorts(run.program, run.dataset)
    some = run.distinct(rows)
    table = run.codes("category_error", some)
    sizes = run.program.build().categories
    parts = np.split(table.mean[:, : sum(sizes)], np.cumsum(sizes)[:-1], axis=1)
    found = [part.argmax(axis=1) for part in parts]
    errors = np.array([[wrong(each, factor) for factor in table.factors.T] for each in found])
    alone = np.zeros(len(some), int)
    best, n = float(errors.min()), len(some)
    return Score(
        best,
        float(np.sqrt(best * (1 - best) / n)),
        {
            "error": errors,
            "chance": np.array([wrong(alone, factor) for factor in table.factors.T]),
            "used": np.array([len(np.unique(each)) for each in found]),
        },
    )
