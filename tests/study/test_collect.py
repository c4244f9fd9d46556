"""The table of a study: what pandas makes of the files of all runs, one after the other."""

import json

import numpy as np
import pandas as pd
import pytest

from dbench.scoring import score_files
from dbench.study import collect, sets
from dbench.study.study import runs
from dbench.tables import results
from dbench.training import checkpoint
from tests.cluster.here import TEXT, load

MODELS = "{'beta_vae': {'beta': [1, 8]}, 'untrained_vae': {}}"


def slow(folder, study):
    rows = []
    for run in runs(study):
        path = folder / run.name / results.TABLE
        if path.exists():
            settings = {k: v for k, v in run.config.items() if k in results.DTYPES}
            settings |= {"dataset": run.data, "run": run.name}
            scores = [results.read(path, score_files.SCORES)]
            if (above := path.parent.parent / sets.TABLE).exists():
                own = results.read(above, sets.DTYPES)
                scores.append(own.loc[own["run"] == run.name, list(score_files.SCORES)])
            rows.append(pd.concat(scores).assign(**settings))
    return pd.concat(rows)[list(results.DTYPES)].astype(results.DTYPES)


@pytest.fixture
def made(tmp_path):
    """Runs of which some have no scores, some none of their set, and one a NaN."""
    study = load(tmp_path, TEXT.replace("{'beta_vae': {'beta': [1, 8]}}", MODELS))
    folder, draw = tmp_path / "mine", np.random.default_rng(0)
    for i, run in enumerate(runs(study)):
        path = folder / run.name
        path.mkdir(parents=True)
        (path / "config.json").write_text(json.dumps(checkpoint.stamped(run.config)))
        if i != 1:
            scores = {"metric": ["mig_histogram", "own"], "score": draw.random(2), "stderr": 0.1}
            frame = pd.DataFrame(scores).replace(0.1, np.nan if i == 2 else 0.1)
            frame.to_csv(path / "scores.csv", index=False)
    names = [run.name for run in runs(study) if run.value == 8]
    of_set = {"run": names, "codes": "ab", "metric": "udr_spearman", "score": 0.25, "stderr": 0.0}
    pd.DataFrame(of_set).to_csv((folder / names[0]).parent / "udr.csv", index=False)
    return folder, study


@pytest.mark.slow
def test_it_is_the_table_of_pandas(made, tmp_path):
    folder, study = made
    frame, other = collect.table(folder, study), slow(folder, study)
    assert len(frame) == 5 * 2 + 1 and frame["value"].isna().sum() == 4
    pd.testing.assert_frame_equal(frame, other.reset_index(drop=True), check_exact=True)
    for name, each in (("one", frame), ("other", other)):
        (tmp_path / name).mkdir()
        results.write(tmp_path / name, each)
    for name in ("scores.csv", "scores.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_run_of_other_settings_is_left_out(made):
    folder, study = made
    path = folder / runs(study)[0].name / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"steps": 31}))
    assert runs(study)[0].name not in set(collect.table(folder, study)["run"])


def test_each_file_of_a_set_is_read_once(made, monkeypatch):
    folder, study = made
    read, seen = sets.scores_of, []
    monkeypatch.setattr(sets, "scores_of", lambda above: seen.append(above) or read(above))
    collect.table(folder, study)
    assert len(seen) == len(set(seen)) == 3


def test_of_no_runs_it_has_its_columns(tmp_path):
    frame = collect.table(tmp_path / "mine", load(tmp_path))
    empty = pd.DataFrame({k: pd.Series(dtype=v) for k, v in results.DTYPES.items()})
    pd.testing.assert_frame_equal(frame, empty, check_index_type=False)
