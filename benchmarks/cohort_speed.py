"""How many models to train at once on a CPU: model steps per second of cohorts of 1, 2, 4, 8.

    python benchmarks/cohort_speed.py [--net small] [--model beta_vae]

The real trainer on one device a core; a cohort of one uses one device. Members of one device
take turns. `vmap` is the same with the members of a device as one vmapped computation, as on an
accelerator. Contestants take turns; ratios are of medians, to a cohort of one.
"""

import race

from dbench.data import DATASETS
from dbench.training import devices

MEMBERS = (1, 2, 4, 8)
CORES = devices.cores()
STEPS = {"small": 100, "conv": 5}  # of each model in a round


def add_options(parser):
    parser.add_argument("--net", default="small", choices=STEPS)
    parser.add_argument("--model", default="beta_vae")


def cohort(args, members: int, vmapped: bool):
    devices.setup()
    import jax

    from dbench.training import members as device
    from dbench.training import steps

    if vmapped:
        device.each = lambda function, *members: jax.vmap(function)(*members)
    mesh = devices.mesh(min(members, CORES))
    options = [{"net": args.net}] * members
    data = DATASETS["dsprites_tiny"](None)
    some = steps.cohort(data, args.model, options, list(range(members)), mesh)
    states = steps.start(some)

    def work():
        nonlocal states
        states, _ = steps.advance(some, states, STEPS[args.net])

    return work


def main():
    args = race.arguments(__doc__, rounds=10, add=add_options)
    kinds = {f"{m} at once": (m, False) for m in MEMBERS}
    kinds |= {f"{m} at once, vmap": (m, True) for m in MEMBERS if m > CORES}
    if args.worker:
        return race.serve(cohort(args, *kinds[args.worker]))
    contestants = [
        race.Contestant(name, 1, members * STEPS[args.net]) for name, (members, _) in kinds.items()
    ]
    race.run(contestants, args.rounds)
    print(f"{args.model}, net {args.net}, {CORES} cores, {args.rounds} rounds in turn")
    race.report(contestants, "model steps")
    for contestant in contestants:
        ratio = contestant.median / contestants[0].median
        print(f"cohort_speed net={args.net} {contestant.name}: ratio={ratio:.2f}")


if __name__ == "__main__":
    main()
