"""Training logs for TensorBoard, and what is said where it is not installed."""

import importlib.util
import sys

import pytest

from dbench.errors import InputError
from dbench.study import board
from tests.report.tables import folder, table


def test_without_tensorboard(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install tensorboard"):
        board.write(tmp_path)


def test_nothing_else_imports_it():
    from dbench.study import runner  # noqa: F401

    assert "tensorboard" not in sys.modules


def test_events_are_the_log(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    study = folder(tmp_path / "mine", table(seeds=1))
    for _ in range(2):  # the second time replaces the first
        written = board.write(study)
    runs = sorted({path.parent.relative_to(written) for path in written.rglob("events*")})
    assert [str(run) for run in runs] == sorted(table(seeds=1)["run"].unique())
    events = EventAccumulator(str(written / runs[0]))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("elbo")] == [
        (step, -100 + step) for step in range(10, 60, 10)
    ]
    assert "kl_latent_1" in events.Tags()["scalars"]
