"""How far off `dbench study --plan` is: each study's training reckoned from all other studies.

    python benchmarks/plan_error.py [RESULTS]

For each study with times below RESULTS [results/reference]: the core hours that the others say its
training takes, over those that it took, and where that is known from.
"""

import argparse
from pathlib import Path

from dbench import data
from dbench.cost import sources, speeds
from dbench.data.cache import shapes_alone


def ratio(source: sources.Source, others: list[sources.Source]) -> tuple[float, set[str]]:
    """Hours said over hours taken, and how they are known."""
    said, how = 0.0, set()
    for made in source.made:
        with shapes_alone():
            dataset = data.load(made.run.dataset)
        speed = speeds.speed(made.run, source.platform, others)
        said += made.updates * speeds.known(made.run, dataset).sums.update / speed.train
        how.add(speed.origin)
    return said / (source.training * source.devices), how


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path("results/reference"))
    every = list(sources.found([parser.parse_args().results]))
    for source in every:
        found, how = ratio(source, [each for each in every if each is not source])
        print(f"{found:5.2f}  {', '.join(sorted(how)):20}  {source.said}", flush=True)


if __name__ == "__main__":
    main()
