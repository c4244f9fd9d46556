"""Which net and settings disentangle most for a core second: the choice of the laptop scale.

    python benchmarks/frontier.py trials [--round 1 2]   # trains; goes on where it was stopped
    python benchmarks/frontier.py costs                  # core seconds of a step, when quiet
    python benchmarks/frontier.py figure                 # frontier.png and the table on stdout

A trial is a net, a method with its strength, a learning rate, a batch size and a number of steps,
with four seeds. It is scored while it trains, from new draws of 74,000 images and not from all of
them, which would take longer than the training: MIG by histogram and DCI disentanglement of 10,000,
and the FactorVAE score of 1,000 votes of 64 images, half of them to learn from and half to test,
and the other way round (standard error about .015). Rounds halve: each takes the best of the one
before further. Trials and scores are in frontier.csv, costs in frontier_costs.csv, beside this
script.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import NamedTuple

import frontier_nets
import pandas as pd
from frontier_scores import Scorer

from dbench.training import devices

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
    small = (cheap, cheap._replace(batch=32, at=(5000, 10_000)))
    steps = (cheap._replace(model="beta_vae", strength=4, at=(5000, 10_000, 20_000)),)
    others = [
        first._replace(net=net, data=data)
        for data in ("shapes3d_drawn", "rooms")
        for net in ("small", "p8-16-32-256", "p8-32-64-256", "p4-16-32-256")
    ]
    rate = cheap._replace(learning_rate=2e-3)
    found = {1: [first._replace(net=net) for net in nets], 2: list(settings), 3: list(small)}
    return found | {4: [rate, *steps], 5: others}


def scheduled(trial: Trial):
    """The learning rate of a trial over its steps, for Adam."""
    import jax.numpy as jnp

    rate, last = trial.learning_rate, trial.at[-1]
    if trial.decay == "cosine":
        return lambda step: rate * (0.51 + 0.49 * jnp.cos(jnp.pi * jnp.minimum(step / last, 1.0)))
    if trial.decay == "warm":
        return lambda step: rate * jnp.minimum((step + 1) / 500, 1.0)
    return None


def paced(adam, schedule):
    """Adam of rate 1 with the rates of a schedule, and no more state than it has."""
    import jax
    import optax

    def update(grads, state, params=None):
        updates, state = adam.update(grads, state, params)
        rate = schedule(state[0].count - 1)
        return jax.tree.map(lambda leaf: rate * leaf, updates), state

    return optax.GradientTransformation(adam.init, update)


def run(trial: Trial, dataset) -> list[dict]:
    """One row a seed and step."""
    import jax
    import optax

    from dbench.training import steps

    steps._compiled.clear()  # a schedule is no part of a program's name
    jax.clear_caches()
    adam = optax.adam
    if schedule := scheduled(trial):
        optax.adam = lambda _, **moments: paced(adam(1.0, **moments), schedule)
    try:
        some = steps.cohort(
            dataset, trial.model, [trial.options] * SEEDS, list(range(SEEDS)),
            devices.mesh(), batch_size=trial.batch,
        )  # fmt: skip
        states, step, rows, scorer = steps.start(some), 0, [], Scorer(some.program, dataset)
        for end in trial.at:
            logs: dict = {}
            while step < end:
                states, logs = steps.advance(some, states, 250)
                step += 250
            params = jax.device_get(states.params)
            for seed in range(SEEDS):
                own = jax.tree.map(lambda leaf, seed=seed: leaf[seed], params)
                found = {name: float(logs[name][seed]) for name in ("reconstruction", "kl")}
                found |= scorer.scores(own, dci=end == trial.at[-1])
                rows.append({"seed": seed, "step": step} | found)
    finally:
        optax.adam = adam
    return rows


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


def trials(wanted: list[int]) -> None:
    devices.setup()
    from dbench.data import load
    from dbench.training import steps

    chosen = [(number, trial) for number, some in rounds().items() for trial in some]
    for number, trial in chosen:
        frame, own = done(), key(trial)
        if number not in wanted or (
            len(frame) and (frame[list(own)] == list(own.values())).all(axis=1).any()
        ):
            continue
        began = time.monotonic()
        dataset = steps.place_data(load(trial.data), devices.mesh())
        rows = [{"round": number} | own | row for row in run(trial, dataset)]
        pd.concat([frame, pd.DataFrame(rows)]).to_csv(TABLE, index=False, float_format="%.5g")
        last = pd.DataFrame([row for row in rows if row["step"] == own["steps"]])
        means = last[["mig_histogram", "factor_vae", "dci_disentanglement"]].mean()
        said = "  ".join(f"{name} {value:.3f}" for name, value in means.items())
        print(f"round {number}  {trial}: {said}, {time.monotonic() - began:.0f} s", flush=True)


def costs(rounds_of: int = 7, count: int = 20) -> None:
    """Core seconds of a step of each program that was tried, in turn on one core."""
    devices.setup(cpus=1)
    import jax

    from dbench.data import load
    from dbench.training import steps

    kinds = done()[["net", "model", "batch", "data"]].drop_duplicates()
    running: list[tuple] = []
    for kind in kinds.itertuples(index=False):
        trial = Trial(kind.net, kind.model, batch=kind.batch, data=kind.data)
        some = steps.cohort(
            load(trial.data),
            trial.model,
            [trial.options],
            [0],
            devices.mesh(),
            batch_size=trial.batch,
        )
        running.append((kind, some, [steps.start(some)], []))
    for turn in range(rounds_of + 1):
        for _, some, states, seconds in running:
            began = time.process_time()
            states[0], _ = steps.advance(some, states[0], count)
            jax.block_until_ready(states[0].step)
            if turn:  # the first one compiles
                seconds.append((time.process_time() - began) / count)
    rows = [
        kind._asdict() | {"core_ms_a_step": 1000 * statistics.median(s), "least": 1000 * min(s)}
        for kind, _, _, s in running
    ]
    frame = pd.DataFrame(rows)
    frame.to_csv(COSTS, index=False, float_format="%.4g")
    print(frame.to_string(index=False))


def points() -> pd.DataFrame:
    """A row a trial and step: mean and standard error over seeds, and core seconds till then."""
    scores = ["mig_histogram", "factor_vae", "dci_disentanglement", "reconstruction"]
    frame = done()
    by = [name for name in Trial._fields if name != "at"]
    found = frame.groupby(["round", *by, "steps", "step"])[scores].agg(["mean", "sem"])
    found.columns = [name if of == "mean" else f"{name}_sem" for name, of in found.columns]
    found = found.reset_index().merge(pd.read_csv(COSTS), on=["net", "model", "batch", "data"])
    found["core_seconds"] = found["step"] * found["core_ms_a_step"] / 1000
    return found


def figure() -> None:
    """frontier.png, and the last points of all trials as a table in Markdown."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    found = points()
    shown = found[(found["model"] == Trial("").model) & (found["data"] == Trial("").data)]
    scores = {"mig_histogram": "MIG (histogram)", "factor_vae": "FactorVAE score"}
    fig, axes = plt.subplots(1, len(scores), figsize=(13, 5), sharex=True)
    settings = ["net", "batch", "learning_rate", "decay", "steps"]
    for number, (name, line) in enumerate(shown.groupby(settings)):
        net, batch, rate, decay, _ = name
        other = [f"batch {batch}"] * (batch != 64) + [f"rate {rate:g}"] * (rate != 1e-3)
        label = ", ".join([net, *other, *([decay] if decay else [])])
        style = {"marker": "osD^v*"[number // 10], "color": f"C{number % 10}", "capsize": 2}
        for ax, score in zip(axes, scores, strict=True):
            error = line[f"{score}_sem"]
            ax.errorbar(line["core_seconds"], line[score], error, label=label, **style)
    for ax, label in zip(axes, scores.values(), strict=True):
        ax.set(xlabel="core seconds of training", ylabel=label, xscale="log")
        ax.set_xticks([10, 20, 50, 100], ["10", "20", "50", "100"])
    axes[-1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    fig.suptitle("beta-TCVAE on dSprites, beta 6: means of four seeds, standard errors")
    fig.tight_layout()
    fig.savefig(HERE / "frontier.png", dpi=110)
    print(table(found).to_markdown(index=False))


def table(found: pd.DataFrame) -> pd.DataFrame:
    """What a reader compares: a row a trial, at its last step."""
    last = found[found["step"] == found["steps"]]
    said = last[["data", "model", "strength", "net", "batch", "steps"]].copy()
    said.insert(
        5,
        "learning rate",
        [f"{r:g} {d}".strip() for r, d in last[["learning_rate", "decay"]].values],
    )
    said["core s"] = last["core_seconds"].round().astype(int)
    for score in ("mig_histogram", "factor_vae", "dci_disentanglement"):
        pairs = zip(last[score], last[f"{score}_sem"], strict=True)
        said[f"`{score}`"] = [f"{value:.3f} ± {error:.3f}" for value, error in pairs]
    return said.sort_values(["data", "model", "core s"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("trials", "costs", "figure"))
    parser.add_argument("--round", type=int, nargs="+", default=sorted(rounds()))
    args = parser.parse_args()
    if args.what == "trials":
        trials(args.round)
    elif args.what == "costs":
        costs()
    else:
        figure()


if __name__ == "__main__":
    main()
