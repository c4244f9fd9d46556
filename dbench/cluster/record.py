"""What is known of a part: who worked at it, how far it is, why it ended; a file of its own.

Its state is "running", "done", "stopped" (asked to end, goes on when it is started again), "died"
(goes on too), "refused" (it cannot be done as it is) or "ended" (it died again and again).
"""

import os
import socket
import time
from pathlib import Path

from dbench import files, kept, schemas
from dbench.study.progress import Progress

NAME, LOG, LOCK = "record.json", "log", "lock"
SEEN_EVERY = 30.0  # seconds between two notes of how far it is
DEATHS = 3  # of a part, one after the other without a new checkpoint, that end it
MOVES = kept.OF_RUN - {"config.json", "log.csv"}  # a part gets on if one of these is new
RUNNING, DONE, STOPPED, DIED = "running", "done", "stopped", "died"
REFUSED, ENDED = "refused", "ended"
NONE = "none"  # the device of an attempt that was refused before it started one


def read(folder: Path) -> dict:
    """The record of a part's folder; {} where nobody has begun it."""
    path = folder / NAME
    return files.read_json(path, schemas.RECORD) if path.exists() else {}


def mark(folder: Path, names: list[str]) -> list[int]:
    """Another one when a run of a part has a new checkpoint or score; `folder`: the study's."""
    found = [entry.stat().st_mtime_ns for name in names for entry in _kept(folder / name)]
    return [len(found), max(found, default=0)]


def _kept(folder: Path) -> list[os.DirEntry]:
    try:
        return [entry for entry in os.scandir(folder) if entry.name in MOVES]
    except FileNotFoundError:
        return []


class Record:
    """The record of a part, kept by the worker that holds its lock."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.content = {"state": RUNNING, "attempts": [], **read(folder)}

    def begin(self, told: dict, moved: list[int], device: str, job: str = "") -> bool:
        """A new attempt; False if it would be one too many without a new checkpoint.

        `told`: what else is known of the part; `moved`: its `mark`; `job`: the engine's name of it.
        """
        stuck = self.content.get("stuck", 0) + 1 if self.content.get("mark") == moved else 0
        died = self.content["state"] in (RUNNING, DIED)
        self.content |= told | {"state": RUNNING, "mark": moved, "stuck": stuck * died, "why": ""}
        self.attempt = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "device": device,
            "job": job,
            "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
            "began": time.time(),
            "seconds": {},
            "steps": 0,
        }
        self.content["attempts"].append(self.attempt)
        self.write()
        return self.content["stuck"] < DEATHS

    def seen(self, progress: Progress) -> None:
        """Notes how far the part is, if that was not done a moment ago."""
        if time.time() - self.content["seen"] > SEEN_EVERY:
            self._note(progress)
            self.write()

    def end(self, state: str, why: str = "", progress: Progress | None = None) -> None:
        """The attempt is over."""
        if progress:
            self._note(progress)
        self.content |= {"state": state, "why": why}
        self.attempt["ended"] = time.time()
        self.write()

    def write(self) -> None:
        self.content["seen"] = time.time()
        files.write_json(self.folder / NAME, self.content)

    def _note(self, progress: Progress) -> None:
        self.content |= {"done": progress.done, "left": progress.left()}
        seconds = {k: round(v, 1) for k, v in progress.seconds.items()}
        self.attempt |= {"seconds": seconds, "steps": progress.trained, "scored": progress.scored}


class Watched(Progress):
    """What a study tells while it works; a record notes it too."""

    def __init__(self, record: Record, *, total: int, todo: int, steps: int):
        super().__init__(total=total, todo=todo, steps=steps)
        self.record = record

    def _show(self, doing: str) -> None:
        super()._show(doing)
        self.record.seen(self)
