"""What a study of 12,600 runs costs its driver: processor seconds, memory, files.

    python benchmarks/driver_cost.py [--seeds 50]

The driver is the real one. The engine is not: at each look it ends some parts, and writes the files
of their runs, which were never trained. What that takes is subtracted. 7 views of a small data set,
6 models, 6 strengths; no UDR, which costs what it costs on one machine.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from dbench import study
from dbench.cluster import driver, status, written
from dbench.cluster.engine import RUNNING
from dbench.study import collect
from dbench.study.plan import plan
from dbench.study.study import runs
from dbench.training import checkpoint

METRICS = ["mig_histogram", "dci_disentanglement", "factor_vae", "sap", "modularity", "mig_sup"]
TEXT = """
Study.datasets = {names}
Study.views = {views}
Study.sweep = {{
    'beta_vae': {{'beta': [1, 2, 4, 6, 8, 16]}},
    'annealed_vae': {{'c_max': [5, 10, 25, 50, 75, 100]}},
    'factor_vae': {{'gamma': [10, 20, 30, 40, 50, 100]}},
    'dip_vae_i': {{'lambda_od': [1, 2, 5, 10, 20, 50]}},
    'dip_vae_ii': {{'lambda_od': [1, 2, 5, 10, 20, 50]}},
    'beta_tcvae': {{'beta': [1, 2, 4, 6, 8, 10]}},
}}
Study.metrics = {metrics}
Study.seeds = {seeds}
Study.steps = 300000
"""
ROWS = "".join(f"{name},0.{i}123456789012345,0.001\n" for i, name in enumerate(METRICS))


class Written:
    """An engine whose parts are done as soon as some looks have been taken: 8 at a look."""

    name, pause, ahead = "simulated", 0.0, False

    def __init__(self):
        self.waiting, self.looks, self.seconds = [], 0, 0.0

    def check(self, count, does=None):
        pass

    def start(self, plan, parts, after=None):
        self.waiting += parts
        return "simulated"

    def states(self, plan):
        began, self.looks = time.process_time(), self.looks + 1
        done, self.waiting = self.waiting[:8], self.waiting[8:]
        named = {run.name: run for run in runs(plan.study)} if done else {}
        for name in (name for part in done for name in plan.parts[part]):
            folder = plan.folder / name
            folder.mkdir(parents=True)
            config = checkpoint.stamped(named[name].config)
            (folder / "config.json").write_text(json.dumps(config, indent=2))
            (folder / "scores.csv").write_text(f"metric,score,stderr\n{ROWS}")
        self.seconds += time.process_time() - began
        return dict.fromkeys(self.waiting, RUNNING)

    def left(self, plans):
        return ""


def said(what: str, began: float, less: float = 0.0) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{time.process_time() - began - less:7.1f} s  {memory:6.0f} MB  {what}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=50)
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        views = {f"v{i}": {"of": "dsprites_tiny", "part": [0.5, i]} for i in range(7)}
        text = TEXT.format(names=[*views], views=views, metrics=METRICS, seeds=seeds)
        (folder / "many.gin").write_text(text)
        began = time.process_time()
        chosen = study.load(str(folder / "many.gin"), "own")
        todo = plan(folder / "many", chosen)
        said(f"{len(todo.todo):,} runs planned, none begun", began)
        began, engine = time.process_time(), Written()
        driver.drive(chosen, folder, engine, driver.Given(), lambda line: None)
        said(f"driven from plan to table, in {engine.looks} looks", began, engine.seconds)
        began = time.process_time()
        plan(folder / "many", chosen)
        said("planned, all done", began)
        began = time.process_time()
        collect.table(folder / "many", chosen)
        said("read into the table", began)
        began = time.process_time()
        list(status.lines(folder / "many"))
        said("dbench status", began)
        (made,) = written.plans(folder / "many", "own")
        count = sum(path.is_file() for path in made.path.parent.rglob("*"))
        print(f"{len(made.parts)} parts, {count} files, {made.path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
