"""Which stages of a run are done."""

import pytest

from dbench.study import sets, stages
from dbench.study.study import runs
from tests.cluster.here import load


@pytest.mark.parametrize("metrics", [["mig_histogram"], ["mig_histogram", "udr_spearman"], ["kl"]])
def test_a_quick_look_finds_what_a_whole_one_finds(tmp_path, metrics):
    run = runs(load(tmp_path))[0]
    folder = tmp_path / "mine" / run.name

    def same():
        quick = stages.over(folder, metrics)
        assert quick == (not stages.missing(tmp_path / "mine", run, metrics))
        return quick

    assert not same()
    folder.mkdir(parents=True)
    (folder / "scores.csv").write_text("metric,score,stderr\nmig_histogram,0.1,0.01\n")
    assert same() == (metrics == ["mig_histogram"])
    (folder / sets.CODES).write_bytes(b"")
    assert same() == ("kl" not in metrics)
    stages.give_up(folder, "training diverged")
    assert same()
