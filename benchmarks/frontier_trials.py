"""What benchmarks/frontier.py tries, and the table of what came out."""

from pathlib import Path
from typing import NamedTuple

import frontier_nets
import pandas as pd

HERE = Path(__file__).parent
TABLE, COSTS = HERE / "frontier.csv", HERE / "frontier_costs.csv"
SEEDS = 4
SWEPT = {"beta_vae": "beta", "beta_tcvae": "beta", "factor_vae": "gamma"}
DISCRIMINATOR = {"discriminator_units": 256, "discriminator_learning_rate": 1e-3}


class Trial(NamedTuple):
    net: str
    model: str = "beta_tcvae"
    strength: float = 6
    learning_rate: float = 1e-3
    batch: int = 64
    at: tuple[int, ...] = (2500, 5000)  # steps at which it is scored, the last one its end
    decay: str = ""  # of the learning rate: "", cosine (to 2%) or warm (over 500 steps)
    data: str = "dsprites"

    @property
    def options(self) -> dict:
        numbers = {SWEPT[self.model]: self.strength, "learning_rate": self.learning_rate}
        more = DISCRIMINATOR if self.model == "factor_vae" else {}
        return {"net": frontier_nets.known(self.net), "latents": 10} | numbers | more


def rounds() -> dict[int, list[Trial]]:
    """What is tried, in order; written down round by round, after the one before was seen."""
    nets = (
        *("p8-32-64-256", "p4-16-32-64-256", "small", "p4-16-32-32-128", "p8-32-64-128"),
        *("p8-16-32-256", "p8-64-64-256", "p4-16-32-256"),
    )
    first = Trial("p8-32-64-256", at=(1250, 2500))
    settings = (
        *(first._replace(learning_rate=rate) for rate in (5e-4, 2e-3)),
        *(first._replace(learning_rate=2e-3, decay=decay) for decay in ("cosine", "warm")),
        first._replace(batch=32, at=(2500, 5000)),
        first._replace(batch=128, at=(1250,)),
    )
    cheap = first._replace(net="p8-16-32-256", at=(2500, 5000))
    factor = cheap._replace(model="factor_vae", strength=20)
    small = (cheap, cheap._replace(batch=32, at=(5000, 10_000)), factor)
    steps = (cheap._replace(model="beta_vae", strength=4, at=(5000, 10_000, 20_000)),)
    others = [
        first._replace(net=net, data=data)
        for data in ("shapes3d_drawn", "rooms")
        for net in ("small", "p8-16-32-256", "p8-32-64-256", "p4-16-32-256")
    ]
    rate = cheap._replace(learning_rate=2e-3)
    twice = [  # the rate that was best for beta-TCVAE, for the other two
        factor._replace(strength=10),
        factor._replace(strength=10, learning_rate=2e-3),
        cheap._replace(model="beta_vae", strength=4, learning_rate=2e-3),
    ]
    found = {1: [first._replace(net=net) for net in nets], 2: list(settings), 3: list(small)}
    return found | {4: [rate, *steps], 5: others, 6: twice}


def key(trial: Trial) -> dict:
    """The columns that say which trial it is."""
    return {name: value for name, value in trial._asdict().items() if name != "at"} | {
        "steps": trial.at[-1]
    }


def done() -> pd.DataFrame:
    """What is in the table; a decay of none is an empty text, a score that was not made NaN."""
    if not TABLE.exists():
        return pd.DataFrame()
    empty = {"dci_disentanglement": [""]}
    return pd.read_csv(TABLE, keep_default_na=False, na_values=empty)
