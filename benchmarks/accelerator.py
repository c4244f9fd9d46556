"""What dbench does on this accelerator, in about ten minutes and one table.

    python benchmarks/accelerator.py [--model beta_vae] [--net conv] [--minutes 10]

Model steps per second over the members of a cohort, the memory of a member, and the fraction of the
peak of products; products in float32, TF32 and bfloat16, with the scores that come out; images
encoded per second, and the time to score them; beside the same nets in PyTorch, eager and
compiled, where it is installed (the `bench` extra). Every line is measured in a process of its
own, one after the other, so that none finds the device's memory taken. On a CPU it runs too, with
fewer members and steps: to see that it works, not for its numbers.
"""

import argparse
import json
import os
import subprocess
import sys
import time

import train_speed
from accelerator_work import PRECISIONS, SCORED, work

MEMBERS = (1, 4, 16, 64, 256)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="beta_vae", choices=train_speed.VAES)
    parser.add_argument("--net", default="conv", help="of `dbench list` (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=64, help="images a step (default: 64)")
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after (default: 10)")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    return parser.parse_args()


class Lines:
    """Measurements one after the other, each in a process of its own, until the time is over."""

    def __init__(self, minutes: float):
        self.end = time.monotonic() + 60 * minutes

    def measure(self, *what: str) -> dict | None:
        """None, with the reason on stderr, where it cannot be measured."""
        left = self.end - time.monotonic()
        print(f"{' '.join(what)}: {left:.0f} s left", file=sys.stderr)
        command = [sys.executable, *sys.argv, "--worker", *what]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=max(left, 1), check=True
            )
        except subprocess.TimeoutExpired:
            print(f"{' '.join(what)}: left out, the time is over", file=sys.stderr)
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"{' '.join(what)}: {last}", file=sys.stderr)
        else:
            return json.loads(done.stdout.splitlines()[-1])
        return None


def row(*cells) -> None:
    widths = (26, 14, 14, 12, 34)
    print(
        "".join(f"{str(cell):{width}}" for cell, width in zip(cells, widths, strict=False)).rstrip()
    )


def of_training(args, lines: Lines, peaks: dict) -> None:
    cost = (
        train_speed.gflop(args.model, "conv", 1) * 1e9 * args.batch / train_speed.batch(args.model)
    )
    counted = args.net == "conv"  # the arithmetic of other nets is not counted here
    row("members, products", "model steps/s", "MiB a member", "of peak", "")
    for precision in PRECISIONS:
        for members in MEMBERS:
            found = lines.measure("train", str(members), precision)
            if not found:
                break  # too many for the memory: more are too
            flops = peaks.get(precision)
            part = f"{found['steps'] * cost / flops:.2f}" if flops and counted else ""
            member = f"{found['member'] / 2**20:.0f}"
            row(f"{members}, {precision}", f"{found['steps']:,.1f}", member, part)
    for how in ("eager", "compiled"):
        if args.net == "conv" and (found := lines.measure("pytorch", how)):
            row(f"1, PyTorch {how}", f"{found['steps']:,.1f}", "", "")


def of_scores(args, lines: Lines) -> None:
    print()
    row("products", "images/s", "s a score set", "members", " ".join(SCORED))
    for precision in PRECISIONS:
        if found := lines.measure("scores", precision):
            means = "  ".join(f"{m:.3f} ± {e:.3f}" for m, e in found["scores"].values())
            cells = (f"{found['encode']:,.0f}", f"{found['score']:.1f}")
            row(precision, *cells, found["members"], means)


def main() -> None:
    args = arguments()
    if args.worker:
        print(json.dumps(work(args)))
        return
    # JAX and PyTorch share the device: neither takes all its memory at the start.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    lines = Lines(args.minutes)
    place = lines.measure("where")
    if not place:
        raise SystemExit("no device was found")
    size = f", {place['bytes'] / 2**30:.0f} GiB" if place["bytes"] else ""
    print(f"{place['count']} x {place['kind']}{size}")
    print(f"{args.model}, net {args.net}, batch {args.batch}")
    found = {precision: lines.measure("peak", precision) for precision in PRECISIONS}
    peaks = {name: one["flops"] * place["count"] for name, one in found.items() if one}
    print("peak of products, TFLOP/s:", ", ".join(f"{n} {f / 1e12:.2f}" for n, f in peaks.items()))
    print()
    of_scores(args, lines)
    print()
    of_training(args, lines, peaks)


if __name__ == "__main__":
    main()
