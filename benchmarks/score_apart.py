"""What `--score apart` takes off the device: processor seconds of the workers of a small study.

    python benchmarks/score_apart.py

The same study twice: with parts that train and score, and with parts that train and others that
score. Each part is `dbench work`, a process of its own, one after the other. A worker that trains
would hold a GPU for as long as it lives; here it is a processor, so the seconds are processor
seconds, which a busy machine does not change. How much it would be with a GPU depends on how much
faster that trains: the share of scoring is then larger.

Expected before it was run: workers that train take less by what scoring takes, but for the writing
of codes; all workers together take more, by one start of a process for each part, 5 to 10 s.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from dbench.cluster import record, written

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1, 4]}}
Study.metrics = ['mig_histogram', 'dci_disentanglement', 'factor_vae', 'sap', 'modularity']
Study.seeds = 1
Study.steps = 40
Study.chunk = 20
Study.options = {'net': 'small', 'latents': 10, 'learning_rate': 1e-3}
"""


def seconds(*words: str) -> float:
    """Processor seconds of a command, with all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "dbench", *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def study(folder: Path, *options: str) -> list[tuple[str, float, int]]:
    """What a part did, its seconds, and the bytes that it left to another; of all parts."""
    where = ["--results", str(folder)]
    on = ["study", str(folder.parent / "small.gin"), "--on", "other", "--part", "2", *where]
    seconds(*on, *options)
    found = []
    for plan in written.plans(folder / "small", "own"):
        for part in range(len(plan.parts)):
            took = seconds("work", str(plan.path), str(part), "--cpus", "1")
            handed = sum(path.stat().st_size for path in folder.rglob("handed.npz"))
            stages = record.read(plan.part(part))["attempts"][-1]["seconds"]
            told = ", ".join(f"{name} {value}" for name, value in stages.items())
            found.append((f"{plan.does or 'both'} ({told})", took, handed))
    seconds(*on)
    return found


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small.gin").write_text(TEXT)
        os.environ["DBENCH_CACHE"] = str(folder / "cache")
        study(folder / "warm")  # what is compiled is kept
        for title, options in (("together", []), ("apart", ["--score", "apart"])):
            rows = study(folder / title, *options)
            for said, took, handed in rows:
                print(
                    f"{title:10} {took:6.1f} s  {handed / 1e3:8.0f} kB handed  {said}", flush=True
                )
            held = sum(took for said, took, _ in rows if not said.startswith("score"))
            whole = sum(took for _, took, _ in rows)
            print(f"{title:10} {held:6.1f} s by who trains, {whole:.1f} s in all", flush=True)
        tables = {path.read_bytes() for path in folder.glob("*/small/scores.csv")}
        assert len(tables) == 1, "tables differ"


if __name__ == "__main__":
    main()
