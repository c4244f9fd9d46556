"""Trained runs as pictures need them: a sample of the data set, encoded, and what latents know.

In: the folder of a run. Out: a `Run`, whose images and codes can be decoded.
"""

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.base import Dataset, Table, numpy_rng
from dbench.errors import InputError
from dbench.metrics.kl import kl_per_code
from dbench.metrics.mig import mutual_information
from dbench.metrics.shared.information import binned_information, entropy
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.validate import factor_names
from dbench.scoring import evaluate, score_files
from dbench.training.programs import Program, program

SAMPLE = 5_000  # images that are encoded: all that is shown comes from them
LEAST = 0.03  # share of a factor's entropy that a latent must know to be named after it
CLOSE = 0.5  # of the largest share, from which on a second factor is named too


class Latents(NamedTuple):
    """What is known of the d latents of a run and k factors."""

    kl: np.ndarray  # [d] nats
    information: np.ndarray  # [d, k] nats
    factors: tuple[str, ...]  # (k,)
    entropy: np.ndarray  # [k] nats, of the factors
    measure: str = "KL {:.2f} nats"  # how `kl` is said, which is a variance where there is no KL

    @property
    def order(self) -> np.ndarray:
        """[d] latents, the one with most KL first."""
        return np.argsort(-self.kl, kind="stable")

    @property
    def sorted_by(self) -> str:
        """KL, or variance: what `kl` is."""
        return self.measure.split()[0]

    @property
    def share(self) -> np.ndarray:
        """[d, k] information of each latent as a share of the factor's entropy: 1 is all of it.

        In nats a factor of 32 values would look better known than one of 3.
        """
        return self.information / np.maximum(self.entropy, 1e-12)

    def carried(self, latent: int) -> tuple[str, ...]:
        """The factor that a latent knows the largest share of, and the next one if it is close.

        None of which it knows less than LEAST.
        """
        share = self.share[latent]
        first, *rest = np.argsort(-share, kind="stable")[:2] if len(share) else [-1]
        if first < 0 or share[first] < LEAST:
            return ()
        close = [j for j in rest if share[j] >= max(LEAST, CLOSE * share[first])]
        return tuple(self.factors[j] for j in (first, *close))

    def said(self, latent: int) -> str:
        """The factors of `carried` with their shares: "scale 27%, posX 21%"; "" of none."""
        share = dict(zip(self.factors, self.share[latent], strict=True))
        return ", ".join(f"{name} {share[name]:.0%}" for name in self.carried(latent))

    def label(self, latent: int) -> tuple[str, str]:
        """Name and facts of a latent, for a sheet."""
        said = self.said(latent) or "no factor"
        return f"z{latent}: {said}", self.measure.format(self.kl[latent])


class Run(NamedTuple):
    """A trained run with a sample of its data set, encoded."""

    dataset: Dataset
    rows: np.ndarray  # [n] drawn rows of the data set
    table: Table  # of these rows
    program: Program
    numbers: dict
    params: Any
    latents: Latents


@partial(jax.jit, static_argnames="program")
def _decode(program: Program, numbers: dict, params: Any, codes: jax.Array) -> jax.Array:
    decode = program.build(numbers).decode
    assert decode is not None  # others are refused by `load`
    return decode(params, codes)


def read(folder: Path, mesh: Mesh, source: Path | None = None, seed: int = 0) -> Run:
    """The run in a folder. `source` as in `dbench.data`, `seed` of the rows."""
    _, dataset = evaluate.opened(folder, source)
    return load([folder], dataset, mesh, seed)[0]


def load(folders: list[Path], dataset: Dataset, mesh: Mesh, seed: int = 0) -> list[Run]:
    """Runs of one program, their rows the same."""
    rng = numpy_rng(jax.random.key(seed))
    rows = rng.choice(dataset.size, min(SAMPLE, dataset.size), replace=False)
    configs = [evaluate.finished(folder) for folder in folders]
    if program(dataset, configs[0]["model"], configs[0]["options"]).build().decode is None:
        raise InputError(f"{configs[0]['model']} has no decoder, so there is nothing to show of it")
    label = f"encode {len(folders)} run{'s' if len(folders) > 1 else ''}"
    tables = evaluate.tables_of(folders, configs, dataset, mesh, label=label, rows=rows)
    return [
        Run(dataset, rows, table, *evaluate.rebuilt(folder, config, dataset), known(folder, table))
        for folder, config, table in zip(folders, configs, tables, strict=True)
    ]


def known(folder: Path, table: Table) -> Latents:
    """From what was kept with the run's scores, else from a sample of its table."""
    npz, _ = score_files.beside(folder / "scores.csv")
    parts, names = score_files.read_arrays(npz), factor_names(table)
    kl, information = parts.get("kl/kl"), parts.get("mig/information")
    d = table.mean.shape[1]
    for name, part, shape in (("kl", kl, (d,)), ("mig", information, (d, len(names)))):
        if part is not None and not (part.shape == shape and np.isfinite(part).all()):
            raise InputError(f"{npz} has no {name} of {d} codes: it is of another run; delete it")
    measure = Latents._field_defaults["measure"]
    if table.logvar is None:
        kl, measure = table.mean.var(axis=0), "variance {:.2f}"
    elif kl is None:
        kl = kl_per_code(table.mean, table.logvar)
    if information is None:
        information = _information(table) if names else np.zeros((len(kl), 0))
    counts = [np.unique(column, return_counts=True)[1] for column in table.factors.T]
    known = np.array([entropy(count) for count in counts])
    return Latents(np.asarray(kl), np.asarray(information), tuple(names), known, measure)


def _information(table: Table) -> np.ndarray:
    if table.logvar is not None:
        return mutual_information(table)
    return Work(table, jax.random.key(0)).once(binned_information, None, 20).information


def images(run: Run, at: np.ndarray) -> np.ndarray:
    """The images of some places in the sample, [m] -> [m, h, w, c]."""
    rows = run.rows[at].astype(np.int32)
    return np.asarray(jax.jit(run.dataset.gather)(jax.device_put(run.dataset.arrays), rows))


def decode(run: Run, codes: np.ndarray) -> np.ndarray:
    """Means of the decoded images, [m, d] -> [m, h, w, c]."""
    return np.asarray(_decode(run.program, run.numbers, run.params, codes.astype(np.float32)))
