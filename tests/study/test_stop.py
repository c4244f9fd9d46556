"""A process that is asked to end does so where everything is saved."""

import signal

import pytest

from dbench.study import stop, train_cohort


def test_a_signal_is_kept_until_it_is_asked_for():
    before = signal.getsignal(signal.SIGTERM)
    with stop.watching(signal.SIGTERM, signal.SIGUSR1):
        stop.check()
        signal.raise_signal(signal.SIGUSR1)
        assert stop.asked()
        with pytest.raises(stop.Stopped, match="ended by SIGUSR1") as ended:
            stop.check()
        assert ended.value.signal == signal.SIGUSR1
    assert not stop.asked() and signal.getsignal(signal.SIGTERM) == before


def test_checkpoints_take_a_fiftieth_of_the_time_at_most():
    assert train_cohort._pause(0.1) == train_cohort._pause(0.4) == 20
    assert train_cohort._pause(3.0) == pytest.approx(150)


@pytest.mark.slow
def test_sigterm_ends_a_study_on_this_machine_with_a_checkpoint(tmp_path, dbench, monkeypatch):
    from dbench.cli import process
    from tests.cluster.here import load

    add, codes = train_cohort.Log.add, []

    def asked(log, step, means):
        add(log, step, means)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(train_cohort.Log, "add", asked)
    monkeypatch.setattr(process, "_exit", codes.append)
    with pytest.raises(stop.Stopped):  # where `_exit` does not end it
        dbench("study", load(tmp_path).path, "--results", tmp_path)
    assert codes == [128 + signal.SIGTERM]
    assert len(list(tmp_path.rglob("training.safetensors"))) == 2  # of the two that trained
