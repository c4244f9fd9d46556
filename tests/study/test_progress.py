"""What is told of a study's speed."""

from types import SimpleNamespace

from dbench.study import progress


def test_scoring_in_training_is_no_time_of_a_step(monkeypatch):
    """100 steps in 4 seconds, of which scoring took 3: they are trained in 1."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def passes(seconds):
        clock.now += seconds

    with progress.Progress(total=1, todo=1, steps=100) as told:
        told.training(["a"], 0)
        told.timed("training", lambda: passes(1.0))
        told.timed("scoring", lambda: passes(3.0))
        told.step(100)
        assert told.training_time == 1.0
        assert told.seconds["training"] == 1.0 and told.seconds["scoring"] == 3.0
