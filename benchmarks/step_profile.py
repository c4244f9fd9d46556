"""Where the time of a training step goes: XLA's own operations by kind, one model on one device.

    python benchmarks/step_profile.py [--model factor_vae] [--channels 3] [--top 12]

Traces some steps of the real trainer with JAX's profiler and adds up the time of the operations in
XLA's trace: products (dot), convolutions, copies and elementwise fusions, by shape. Operations that
XLA runs inside others are counted once.
"""

import argparse
import collections
import gzip
import json
import re
import tempfile
from pathlib import Path

import train_speed

from dbench.training import devices

STEPS = 20


def trace(model: str, channels: int) -> tuple[dict[str, float], str]:
    """Milliseconds a step by operation, and the text of the compiled program."""
    devices.setup(cpus=1)
    import jax

    from dbench.training import steps

    data = train_speed.dataset(model, channels)
    cohort = steps.cohort(
        data,
        model,
        [{"net": train_speed.net(model)}],
        [0],
        devices.mesh(1),
        batch_size=train_speed.batch(model),
    )
    states, _ = steps.advance(cohort, steps.start(cohort), STEPS)
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder, create_perfetto_trace=True):
            steps.advance(cohort, states, STEPS)
        (path,) = Path(folder).rglob("perfetto_trace.json.gz")
        events = json.loads(gzip.decompress(path.read_bytes()))["traceEvents"]
    spent: dict[str, float] = collections.defaultdict(float)
    for event in events:
        if "hlo_op" in event.get("args", {}):
            spent[event["args"]["hlo_op"]] += event["dur"] / 1000 / STEPS
    return spent, steps.executable(cohort, STEPS).as_text() or ""


def kind(operation: str, text: str) -> str:
    """What an operation is: by its name, or by what the fusion of that name calls."""
    line = re.search(rf"%{re.escape(operation)} = .*", text)
    body = line[0].split("metadata")[0] if line else operation
    if calls := re.search(r"calls=%([\w.\-]+)", body):
        inner = re.search(rf"^%{re.escape(calls[1])} .*?^}}", text, re.MULTILINE | re.DOTALL)
        body = inner[0] if inner else body
    for part, said in (("convolution(", "convolutions"), ("dot(", "products")):
        if part in body:
            return said
    if re.match(r"copy|concatenate|pad|transpose|slice|reverse|dynamic|bitcast", operation):
        return "copies, joining, padding"
    return "elementwise, sums, random numbers"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    train_speed.add_options(parser)
    parser.add_argument("--top", type=int, default=12, help="operations to list")
    args = parser.parse_args()
    spent, text = trace(args.model, args.channels)
    outer = {name: ms for name, ms in spent.items() if not re.match(r"while|call", name)}
    total = sum(outer.values())
    kinds: dict[str, float] = collections.defaultdict(float)
    for name, ms in outer.items():
        kinds[kind(name, text)] += ms
    print(f"{args.model}, {args.channels} channel(s): {total:.1f} ms of operations a step")
    for name, ms in sorted(kinds.items(), key=lambda item: -item[1]):
        print(f"  {ms:7.1f} ms {ms / total:5.0%}  {name}")
    for name, ms in sorted(outer.items(), key=lambda item: -item[1])[: args.top]:
        line = re.search(rf"%{re.escape(name)} = (\S+)", text)
        shape = line[1] if line else ""
        print(f"  {ms:7.1f} ms {ms / total:5.0%}  {name}  {shape}  {kind(name, text)}")


if __name__ == "__main__":
    main()
