"""Which net and settings disentangle most for a core second: the choice of the laptop scale.

    python benchmarks/frontier.py trials [--round 1 2]   # trains; goes on where it was stopped
    python benchmarks/frontier.py costs [--data rooms]   # core seconds of a step, when quiet
    python benchmarks/frontier.py figure                 # frontier.png and the table on stdout

A trial is a net, a method with its strength, a learning rate, a batch size and a number of steps,
with four seeds. It is scored while it trains, from new draws of 74,000 images and not from all of
them, which would take longer than the training: MIG by histogram and DCI disentanglement of 10,000,
and the FactorVAE score of 1,000 votes of 64 images, half of them to learn from and half to test,
and the other way round (standard error about .015). Rounds halve: each takes the best of the one
before further. Trials and scores are in frontier.csv, costs in frontier_costs.csv, beside this
script. Costs of one data set are measured in turn and can be compared, those of two only if they
were measured together.
"""

import argparse
import statistics
import time

import pandas as pd
from frontier_figure import figure
from frontier_scores import Scorer
from frontier_trials import COSTS, SEEDS, TABLE, Trial, done, key, rounds

from dbench.training import devices


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


def costs(wanted: list[str] | None = None, rounds_of: int = 7, count: int = 20) -> None:
    """Core seconds of a step of each program that was tried, in turn on one core.

    `wanted`: of these data sets alone; what the file has of others stays.
    """
    devices.setup(cpus=1)
    import jax

    from dbench.data import load
    from dbench.training import steps

    kinds = done()[["net", "model", "batch", "data"]].drop_duplicates()
    kinds = kinds[kinds["data"].isin(wanted or kinds["data"])]
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
    print(frame.to_string(index=False))
    if wanted:
        known = pd.read_csv(COSTS)
        frame = pd.concat([known[~known["data"].isin(wanted)], frame])
    frame.to_csv(COSTS, index=False, float_format="%.4g")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("trials", "costs", "figure"))
    parser.add_argument("--round", type=int, nargs="+", default=sorted(rounds()))
    known = sorted({trial.data for some in rounds().values() for trial in some})
    parser.add_argument("--data", nargs="+", choices=known, help="costs of these alone [all]")
    args = parser.parse_args()
    if args.what == "trials":
        trials(args.round)
    elif args.what == "costs":
        costs(args.data)
    else:
        figure()


if __name__ == "__main__":
    main()
