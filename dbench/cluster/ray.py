"""Ray: a part is a task of its core, on a node that has the GPUs and cores it asks for.

The tasks belong to the driver: they end when it ends. Where a node is lost, Ray starts its parts on
another, and they go on from their checkpoints.
"""

import os
import socket
import time
from pathlib import Path
from typing import Any

from dbench import extras, files
from dbench.cluster import record
from dbench.cluster.engine import RUNNING, WAITING
from dbench.cluster.settings import Ray
from dbench.cluster.written import SCORE, Written
from dbench.errors import InputError

EXAMPLE = "ray=auto, or ray=HOST:PORT"
REACH = 10.0  # seconds until an address is one where nobody answers
FRESH = 4 * record.SEEN_EVERY  # seconds without a word after which a part is not at work


class Tasks:
    """The engine `--on ray=ADDRESS`."""

    name, ahead = "ray", False

    def __init__(self, settings: Ray, address: str, pause: float = 5.0):
        """`pause`: seconds between two looks."""
        self.settings, self.pause = settings, pause
        self.tasks: dict[tuple[Path, int], Any] = {}  # (plan, part) -> the task's promise
        _connect(address)

    def check(self, count: int, does: str | None = None) -> None:
        """An InputError if no node has what a part asks for: it would wait for ever."""
        import ray

        s = self._of(does)
        wanted = {"CPU": s.num_cpus, "GPU": s.num_gpus}
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        if not any(all(node.get(k, 0) >= v for k, v in wanted.items()) for node in nodes):
            has = "; ".join(f"{n.get('CPU', 0):g} and {n.get('GPU', 0):g}" for n in nodes)
            raise InputError(
                f"a part asks for {wanted['CPU']:g} cores and {wanted['GPU']:g} GPUs, and no node "
                f"of this Ray has both (they have {has or 'none'}): correct "
                f"{'[ray.score]' if does == SCORE else '[ray]'} in the file of --cluster, or start "
                "such a node"
            )

    def start(self, written: Written, parts: list[int], after: Written | None = None) -> str:
        import ray

        s = self._of(written.does)
        # A process of its own for each part: what JAX and XLA are told holds for a process.
        task = ray.remote(num_cpus=s.num_cpus, num_gpus=s.num_gpus, max_calls=1)(_work)
        task = task.options(max_retries=s.retries, name=f"dbench-{written.study.name}")
        plan = str(files.resolved(written.path))  # a worker stands in another folder
        for part in parts:
            given = (plan, part, max(1, int(s.num_cpus)), s.num_gpus >= 1)
            self.tasks[written.path, part] = task.remote(*given)
        return f"Ray at {ray.get_runtime_context().gcs_address}"

    def _of(self, does: str | None) -> Ray:
        """What a part of a plan asks for."""
        return self.settings.scoring if does == SCORE else self.settings

    def states(self, written: Written) -> dict[int, str]:
        import ray

        own = {part: task for (path, part), task in self.tasks.items() if path == written.path}
        if not own:
            return {}
        ready, _ = ray.wait(list(own.values()), num_returns=len(own), timeout=0)
        ended = set(ready)
        found = {}
        for part, task in own.items():
            if task not in ended:
                found[part] = RUNNING if _at_work(written.part(part)) else WAITING
            elif why := _why(task):
                found[part] = why
        return found

    def left(self, written: list[Written]) -> str:
        if not any(RUNNING in self.states(plan).values() for plan in written):
            return ""
        return "the parts end with this command; given again, it goes on from their checkpoints"


def address(on: str) -> str:
    """That of --on ray=ADDRESS."""
    _, _, found = on.partition("=")
    if not found.strip():
        raise InputError(f"--on is {on}: say where Ray is, as {EXAMPLE}")
    return found.strip()


def _connect(address: str) -> None:
    """An InputError where there is no Ray, or not the same one."""
    extras.need("ray")
    import ray

    try:
        _reach(address)
        ray.init(address=address, logging_level="warning", log_to_driver=False)
    except Exception as error:  # Ray's own are of many kinds
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(f"there is no Ray at {address} to work with ({said})") from error


def _reach(address: str) -> None:
    """An OSError where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if host:
        socket.create_connection((host.strip("[]"), int(port)), REACH).close()


def _at_work(part: Path) -> bool:
    """Whether a worker has said so lately."""
    told = record.read(part)
    return told.get("state") == record.RUNNING and time.time() - told["seen"] < FRESH


def _why(task: Any) -> str:
    """How a task ended; "" if well."""
    import ray

    try:
        ray.get(task)
    except ray.exceptions.RayError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else type(error).__name__
    return ""


def _work(path: str, index: int, cpus: int, whole_gpu: bool) -> None:
    """A part, in a process of Ray's that does nothing else; what it says is in the part's log."""
    import ray

    from dbench.cluster import work

    folder = Path(path).parent / str(index)
    if folder.is_dir():  # else the plan is not there either, which is said
        with (folder / record.LOG).open("ab") as log:
            for stream in (1, 2):
                os.dup2(log.fileno(), stream)
    work.setup(cpus, whole_gpu)
    try:
        work.work(Path(path), index, ray.get_runtime_context().get_task_id() or "")
    except InputError as error:
        print(f"dbench: {error}", flush=True)
        raise RuntimeError(str(error)) from None
