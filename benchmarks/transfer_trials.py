"""Do agents on ideal codes transfer? Codes made of the true factors of seek_rooms, by agent.

    python benchmarks/transfer_trials.py [--agents dqn,episodic_control]

    numbers    each factor is one code, its index: the object is 0, 1, 2 or 3 on a line
    values     each value of a factor is one code, 0 or 1
    rotated    the same, turned at random: no code is one factor any more

Printed are the returns in source and target of four agents each, and the CPU seconds (user and
system), of which most compile.
"""

import argparse
import time

import numpy as np


def ideal(dataset) -> dict[str, np.ndarray]:
    """Name -> codes [n, d]."""
    from dbench.data.grid import standardised

    columns = zip(dataset.factors.T, dataset.sizes, strict=True)
    numbers = standardised(dataset)
    values = np.concatenate([np.eye(size)[column] for column, size in columns], axis=1)
    found = {"numbers": numbers, "values": values}
    return found | {
        f"{name}, rotated": codes @ turn(codes.shape[1]) for name, codes in found.items()
    }


def turn(size: int) -> np.ndarray:
    """A random rotation [size, size]."""
    return np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agents", default="dqn,a2c,episodic_control")
    agents = parser.parse_args().agents.split(",")
    import jax

    from dbench import data
    from dbench.agents.environments.seek_avoid import seek_avoid
    from dbench.agents.train import train

    dataset = data.load("seek_rooms")
    task = seek_avoid(dataset)
    for agent in agents:
        for name, codes in ideal(dataset).items():
            began = time.process_time()
            found = train(task, agent, codes, jax.random.key(0))
            source, target = found.played.returns.mean(axis=2).T
            good, bad = (x[:, 1].mean() for x in (found.played.good, found.played.bad))
            print(
                f"{agent} on {name}: source {source.mean():.2f} ({said(source)}), target "
                f"{target.mean():.2f} ({said(target)}), there {good:.2f} good and {bad:.2f} bad "
                f"taken; {time.process_time() - began:.1f} s",
                flush=True,
            )


def said(returns: np.ndarray) -> str:
    return " ".join(f"{x:.2f}" for x in returns)


if __name__ == "__main__":
    main()
