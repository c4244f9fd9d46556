"""sym2img: images of concepts by a model of symbols, judged for accuracy and for diversity."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset, Score
from dbench.data.concepts import OPERATORS, Lessons, k_hot
from dbench.errors import InputError
from dbench.scoring.symbols.judge import judge, tell
from dbench.scoring.symbols.judged import (
    Judged,
    accuracy,
    accuracy_of,
    by_level,
    diversity,
    diversity_of,
)
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

SAMPLES = 64  # images of a concept


def grounds(program: Program, dataset: Dataset) -> None:
    """An InputError if the model knows no symbols."""
    if program.build().symbols is None:
        raise InputError(
            f"a model of symbols (scan, jmvae, telbo) is needed, and {program.model} is none"
        )


def recombines(program: Program, dataset: Dataset) -> None:
    """An InputError if the model has no operators."""
    grounds(program, dataset)
    known = program.build().symbols
    if known is None or known.recombine is None:
        raise InputError(f"{program.model} has learned no operators: set its instructions above 0")


def sym2img_accuracy(run: TrainedModel, *, samples: int = SAMPLES) -> Score:
    """Share of what a concept says that images of it show, higher is better (SCAN).

    Each of the 100 test concepts (see data/concepts), which were not taught, is inferred from its
    symbol, `samples` of q(z|y) are decoded, and a judge tells the factors of each image. A concept
    scores the share of said values that are right; the score is the mean over concepts. Range
    [0, 1]. stderr: over concepts. Parts: `exact`, the share of images in which all that is said is
    right; `levels` [k], by how many symbols a concept has (NaN: none has so many); `factors` [k];
    `judge` [k], the judge's own accuracy on real images; `judged_reconstruction` is the ceiling.
    Higgins et al., "SCAN", ICLR 2018, section 5.1; whether theirs is the share of values or of
    images is not known to us.
    """
    grounds(run.program, run.dataset)
    return accuracy(run.once(_tested, samples))


def sym2img_diversity(run: TrainedModel, *, samples: int = SAMPLES) -> Score:
    """How far images of a concept are from all that it leaves open, nats, lower is better (SCAN).

    Images of test concepts as for `sym2img_accuracy`. For each factor that the concept does not
    say: KL of the values that the judge tells from the flat distribution, corrected for the bias of
    counting (Miller 1955). The score is the mean over these factors, then over concepts. Range
    about [0, ln of the number of values]; 0 is as diverse as can be. Whole concepts leave nothing
    open and are left out. stderr: over concepts. Parts: `levels`, `factors` and `judge` as there.
    Higgins et al., ICLR 2018, section 5.1: theirs may be a sum over factors.
    """
    grounds(run.program, run.dataset)
    return diversity(run.once(_tested, samples))


def operator_accuracy(run: TrainedModel, *, samples: int = SAMPLES) -> Score:
    """`sym2img_accuracy` of concepts that learned operators make, higher is better (SCAN).

    Of instructions for AND, IN COMMON and IGNORE whose results were neither taught nor practised.
    Other parts: `operators` [3], by operator; `operators_levels` [3, k], by operator and by how
    many symbols the result has; `symbols`, the accuracy for the same results by their own symbols.
    """
    recombines(run.program, run.dataset)
    found, direct, operator = run.once(_recombined, samples)
    score, straight = accuracy(found), accuracy(direct)
    each = np.nanmean(accuracy_of(found)[0], axis=1)
    parts = {"operators": _by(each, operator), "symbols": straight.value}
    parts["operators_levels"] = _by_level(each, operator, (found.concepts >= 0).sum(axis=1), found)
    return score._replace(parts={**score.parts, **parts})


def operator_diversity(run: TrainedModel, *, samples: int = SAMPLES) -> Score:
    """`sym2img_diversity` of concepts that learned operators make, in nats, lower is better (SCAN).

    As `operator_accuracy`, with parts `operators` [3], `operators_levels` [3, k] and `symbols`.
    """
    recombines(run.program, run.dataset)
    found, direct, operator = run.once(_recombined, samples)
    score, straight = diversity(found), diversity(direct)
    kl = diversity_of(found)
    open_ = ~np.isnan(kl).all(axis=1)
    each = np.nanmean(kl[open_], axis=1)
    parts = {"operators": _by(each, operator[open_]), "symbols": straight.value}
    level = (found.concepts[open_] >= 0).sum(axis=1)
    parts["operators_levels"] = _by_level(each, operator[open_], level, found)
    return score._replace(parts={**score.parts, **parts})


def _by(each: np.ndarray, operator: np.ndarray) -> np.ndarray:
    """The mean of each operator; NaN of one that has none."""
    groups = [each[operator == at] for at in range(len(OPERATORS))]
    return np.array([group.mean() if len(group) else np.nan for group in groups])


def _by_level(each: np.ndarray, operator: np.ndarray, level: np.ndarray, found: Judged):
    """The mean of each operator and level, [3, k]; NaN of what there is none of."""
    groups = [operator == at for at in range(len(OPERATORS))]
    most = found.concepts.shape[1]
    return np.stack([by_level(each[group], level[group], most) for group in groups])


def _tested(run: TrainedModel, samples: int) -> Judged:
    lessons = lessons_of(run.program, run.dataset)
    known = run.program.build(run.numbers).symbols
    assert known is not None
    symbols = k_hot(jnp.asarray(lessons.tested), lessons.offsets)
    return sample(run, known.infer(run.params, symbols), lessons.tested, samples)


def _recombined(run: TrainedModel, samples: int):
    """By operators, and by the results' own symbols; and the operator of each instruction."""
    lessons = lessons_of(run.program, run.dataset)
    asked, known = lessons.examined, run.program.build(run.numbers).symbols
    assert known is not None and known.recombine is not None
    if not len(asked.operator):
        raise InputError(f"{run.dataset.name} leaves no instruction to test operators on")
    one, two, result = (
        known.infer(run.params, k_hot(jnp.asarray(found), lessons.offsets)) for found in asked[1:]
    )
    made = known.recombine(run.params, one, two, jnp.asarray(asked.operator))
    found, direct = (sample(run, g, asked.result, samples) for g in (made, result))
    return found, direct, asked.operator


def lessons_of(program: Program, dataset: Dataset) -> Lessons:
    extra = program.build().extra
    assert extra is not None  # a model of symbols has lessons
    return extra(dataset)


def sample(run: TrainedModel, gaussian, concepts: np.ndarray, samples: int) -> Judged:
    """`samples` images of each Gaussian [c, d], judged."""
    by, keys = judge(run.dataset), jax.random.split(run.key, len(concepts))
    told = _told(
        *(
            run.program,
            by.net,
            by.sizes,
            samples,
            run.numbers,
            run.params,
            by.params,
            *gaussian,
            keys,
        )
    )
    return Judged(concepts, np.asarray(told), by)


@partial(jax.jit, static_argnames=("program", "net", "sizes", "samples"))
def _told(program: Program, net, sizes, samples, numbers, params, by, mean, logvar, keys):
    """What the judge `by` tells of `samples` images of each Gaussian [c, d]: [c, samples, k]."""

    def images(given):
        mean, logvar, key = given
        return tell(net, sizes, by, drawn(program, numbers, params, mean, logvar, key, samples))

    return jax.lax.map(images, (mean, logvar, keys))


def drawn(program: Program, numbers: dict, params, mean, logvar, key, samples: int) -> jax.Array:
    """Images [samples, h, w, c] of codes drawn from a Gaussian [d]."""
    decode = program.build(numbers).decode
    assert decode is not None
    noise = jax.random.normal(key, (samples, len(mean)))
    return decode(params, mean[None] + jnp.exp(logvar / 2)[None] * noise)
