"""A run of a study: one model to train and score."""

import dataclasses
from pathlib import Path

from dbench import data
from dbench.tables.strength import written

VIEW = ("view", "drawn")  # fields of a Run that only some have
BASE = "base_"  # base_beta: the beta of the run that a run builds on, where that is swept


@dataclasses.dataclass(frozen=True)
class Run:
    """One model to train and score."""

    study: str
    scale: str
    dataset: str  # a path is absolute
    model: str
    hyperparameter: str  # that is swept, or "" where none is
    value: float | None  # of it
    options: dict  # of the model, the swept number included
    seed: int
    steps: int
    batch_size: int
    view: str = ""  # the name of a view of the data set
    drawn: dict = dataclasses.field(default_factory=dict)  # what it is, as `views.view` takes it
    builds_on: str = ""  # the folder of another run: below that of all results, or absolute

    @property
    def data(self) -> str:
        """What the table calls the data set: its view, or a plain name."""
        return self.view or data.label(self.dataset)

    @property
    def name(self) -> str:
        """Its folder below the study's, for example laptop/dsprites/beta_vae/beta=4/seed=0."""
        # A model of a user's own is MODULE:FUNCTION: a colon is no part of a name on Windows, and
        # scp and make take it for something else.
        model = self.model.replace(":", ".")
        parts = [self.scale, self.data, model, f"seed={self.seed}"]
        if self.hyperparameter:
            assert self.value is not None  # what is swept has a number
            parts.insert(3, f"{self.hyperparameter}={written(self.value)}")
        return "/".join(parts)

    @property
    def config(self) -> dict:
        """What config.json says of it."""
        config = dataclasses.asdict(self)
        lacks = VIEW * (not self.view) + ("builds_on",) * (not self.builds_on)
        return {k: v for k, v in config.items() if k not in lacks}


def built_on(said: str, hyperparameter: str, value: float | None, seed: int) -> str:
    """The run that one builds on: its folder, absolute or below that of all results.

    `said` names it whole, or without its seed, which is then that of the run; or without its
    strength too, where that is swept as base_NAME.
    """
    if Path(said).is_absolute():
        return said
    if hyperparameter.startswith(BASE):
        assert value is not None  # what is swept has a number
        said += f"/{hyperparameter.removeprefix(BASE)}={written(value)}"
    return said if said.rpartition("/")[2].startswith("seed=") else f"{said}/seed={seed}"
