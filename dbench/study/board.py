"""Training logs for TensorBoard, where that is installed: nothing else here needs it.

    results/<study>/tensorboard/<run>/events.out.tfevents.*

A scalar a column of a run's log.csv, at the step of its line.
"""

import importlib.util
from pathlib import Path

import numpy as np

from dbench.errors import InputError
from dbench.tables import results

FOLDER = "tensorboard"


def require() -> None:
    """An InputError where TensorBoard is not installed."""
    if importlib.util.find_spec("tensorboard") is None:
        raise InputError(
            "--tensorboard needs TensorBoard: pip install tensorboard, or leave it out"
        )


def write(folder: Path) -> Path:
    """Event files of all log.csv below a study's folder, those of earlier ones replaced.

    Returns the folder that TensorBoard is to be given.
    """
    require()
    for path in sorted(folder.rglob(results.LOG)):
        _write(path, folder / FOLDER / path.parent.relative_to(folder))
    return folder / FOLDER


def _write(path: Path, folder: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    log, written = results.log(path), path.stat().st_mtime
    for old in folder.glob("events.out.tfevents.*"):
        old.unlink()
    events = EventFileWriter(str(folder))
    for row in log.to_dict("records"):
        values = [
            Summary.Value(tag=name, simple_value=value)
            for name, value in row.items()
            if name != "step" and np.isfinite(value)
        ]
        events.add_event(Event(wall_time=written, step=row["step"], summary=Summary(value=values)))
    events.close()
