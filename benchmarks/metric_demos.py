"""What each score makes of problems with a known answer: the numbers of docs/reference/metrics.md.

    python benchmarks/metric_demos.py              # every score of every problem
    python benchmarks/metric_demos.py --settings   # scores that depend on rows, scale or bins

Prints Markdown tables; progress goes to stderr. Two to six minutes each on 2 cores.

The problems are in problems.py, the settings in metric_settings.py.
"""

import argparse
import time
import warnings

import jax
from metric_settings import settings  # beside this file, as are the next two
from printing import markdown, number, say
from problems import WHAT, problems

from dbench.metrics import GROUPS, METRICS, ScoreWarning, evaluate, select

KEY = jax.random.key(0)


def shown() -> list[str]:
    """The ids of the table: one of two twins, and downstream with 100 and 10,000 labels."""
    left_out = {n for n in METRICS if f"{n}_all" in METRICS and n != "factor_vae"}
    left_out |= {
        n for n in METRICS if n.startswith("downstream") and not n.endswith(("100", "0000"))
    }
    return [n for n in METRICS if n not in left_out]


def demos(names: list[str], only: list[str]) -> None:
    """Scores of all problems, in two tables that share their first column."""
    found = {}
    for problem, each in problems().items():
        if only and problem not in only:
            continue
        start = time.perf_counter()
        scores = evaluate(each, KEY, names)
        found[problem] = {name: float(score) for name, score in scores.items()}
        say(f"{problem}: {time.perf_counter() - start:.0f} s")
    for problem in found:
        print(f"- **{problem}**: {WHAT[problem]}")
    kinds = list(found)
    second = ["perfect", *kinds[8:]] if len(kinds) > 8 else []
    for columns in filter(None, (kinds[:8], second)):
        rows = [[f"`{n}`", *(number(found[p][n]) for p in columns)] for n in names]
        print("\n" + markdown(["id", *columns], rows))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--settings", action="store_true", help="scores by rows, scale, bins")
    parser.add_argument(
        "--metrics",
        help="ids or groups with commas between [those with no twin that takes all rows, and some "
        "of downstream]; "
        f"groups: {', '.join(GROUPS)}",
    )
    parser.add_argument("--problems", default="", help="some problems, with commas between")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ScoreWarning)
    if given.settings:
        settings()
    else:
        only = [p.strip() for p in given.problems.split(",") if p.strip()]
        if unknown := set(only) - set(WHAT):
            parser.error(f"unknown problem {unknown.pop()!r} (known: {', '.join(WHAT)})")
        demos(select(given.metrics.split(",")) if given.metrics else shown(), only)


if __name__ == "__main__":
    main()
