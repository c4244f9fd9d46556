"""What tests on a real Slurm and a real Ray share: a study, its driver, the table of here alone."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [4]}}
Study.metrics = ['mig_histogram', 'udr_spearman']
Study.seeds = 3
Study.steps = 400
Study.chunk = 20
Study.options = {'net': 'small', 'latents': 10, 'learning_rate': 1e-3}
"""
LIMIT = 500  # seconds to wait for anything
COMMAND = [sys.executable, "-m", "dbench", "study", "ci.gin"]


def write(folder: Path, cluster: str) -> None:
    """The study and its cluster.toml."""
    (folder / "ci.gin").write_text(TEXT)
    (folder / "cluster.toml").write_text(cluster)


def sockets() -> Path:
    """A new folder of a short name, not in the tests' own: a socket's path has 107 characters."""
    return Path(tempfile.mkdtemp(prefix="ci", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))


class Driver:
    """The command at work, and what is known of its parts."""

    def __init__(self, folder: Path, environ: dict[str, str], options: list[str]):
        self.folder, self.environ, self.log = folder, environ, folder / "driver.log"
        with self.log.open("w") as file:
            self.process = subprocess.Popen(
                [*COMMAND, *options], cwd=folder, env=environ, stdout=file, stderr=subprocess.STDOUT
            )

    def records(self, plan: str = "1") -> dict[str, dict]:
        """Part -> its record, of those that were begun."""
        found = sorted((self.folder / "results/ci/.parts" / plan).glob("*/record.json"))
        return {path.parent.name: json.loads(path.read_text()) for path in found}

    def wait(self, until):
        """The first true answer of a function."""
        end = time.monotonic() + LIMIT
        while not (found := until()):
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)
        return found

    def end(self) -> dict[str, dict]:
        """Waits until all is done, by every part and with the table of this machine alone."""
        assert self.process.wait(LIMIT) == 0, self.log.read_text()
        subprocess.run(
            [*COMMAND, "--results", "here"],
            cwd=self.folder,
            env=self.environ,
            check=True,
            capture_output=True,
            timeout=LIMIT,
        )
        for name in ("scores.csv", "scores.parquet"):
            here = (self.folder / "here" / "ci" / name).read_bytes()
            assert (self.folder / "results" / "ci" / name).read_bytes() == here
        told = self.records()
        assert {each["state"] for each in told.values()} == {"done"}
        return told


def refused(folder: Path, environ: dict[str, str], options: list[str]) -> str:
    """The one line of a command that is refused."""
    done = subprocess.run(
        [*COMMAND, *options], cwd=folder, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout == "", done.stderr
    return done.stderr.strip()
