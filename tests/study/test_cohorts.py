"""Which runs train together, and how many at once a device's memory holds."""

from types import SimpleNamespace

import jax
import numpy as np
import pandas as pd
import pytest

from dbench import study
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.study import cohorts, runner, work
from dbench.tables import results
from dbench.training import checkpoint, devices, programs, steps
from tests.compiling import in_full

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1, 4, 8]}}
Study.metrics = ['mig_histogram', 'reconstruction']
Study.seeds = 1
Study.steps = 20
Study.chunk = 10
Study.batch_size = 8
Study.options = {'net': 'small', 'latents': 3, 'learning_rate': 1e-3}
"""
CODES_ALONE = TEXT.replace(", 'reconstruction'", "")  # which takes longest


def load(folder, text=TEXT):
    path = folder / "mine.gin"
    path.write_text(text)
    return study.load(str(path), "smoke")


@pytest.fixture(scope="module")
def data():
    return DATASETS["dsprites_tiny"](None)


@pytest.fixture
def group(tmp_path, data):
    (group,) = cohorts.groups(tmp_path, study.runs(load(tmp_path)), data)
    return group


@pytest.mark.slow
def test_groups_share_program_and_step(tmp_path, data):
    text = TEXT.replace("'beta': [1, 4, 8]}", "'beta': [1, 4]}, 'dip_vae_i': {'lambda_od': [1]}")
    runs = study.runs(load(tmp_path, text))
    assert [len(g.runs) for g in cohorts.groups(tmp_path, runs, data)] == [2, 1]
    program = programs.program(data, "beta_vae", runs[0].options, batch_size=8)
    model = program.build({"beta": 1.0, "learning_rate": 1e-3})
    state = devices.once(model.init)(jax.random.key(0))
    ahead = jax.device_get(state._replace(step=state.step + 10))
    checkpoint.write_training(tmp_path / runs[0].name, ahead)
    groups = cohorts.groups(tmp_path, runs, data)
    assert [[run.name for run in g.runs] for g in groups] == [[run.name] for run in runs]
    assert int(groups[0].states[0].step) == 10 and groups[1].states == [None]
    checkpoint.write_parameters(tmp_path / runs[0].name, ahead.params)
    assert cohorts.groups(tmp_path, runs, data)[0].states is None


@pytest.mark.parametrize(
    ("runs", "most", "lengths"), [(3, 8, [3]), (8, 8, [8]), (9, 8, [5, 4]), (20, 8, [7, 7, 6])]
)
def test_parts_are_of_like_size(group, runs, most, lengths):
    many = cohorts.Group(group.runs[:1] * runs, [None] * runs)
    parts = cohorts.split(many, most)
    assert [len(p.runs) for p in parts] == [len(p.states) for p in parts] == lengths
    assert cohorts.split(many._replace(states=None), most)[0].states is None


@pytest.mark.slow
def test_one_a_cpu_device_unless_told_otherwise(group, data, mesh):
    plenty = 10**9
    fit = cohorts.fit(group, data, mesh, 10, None, plenty)
    assert fit.runs == mesh.size == 2 and fit.data == data.arrays.nbytes and fit.free == plenty
    assert cohorts.fit(group, data, mesh, 10, 3, plenty).runs == 4  # every device has work
    assert cohorts.fit(group, data, mesh, 10, 100, plenty).runs == 4  # there are three
    assert cohorts.fit(group, data, devices.mesh(1), 10, None, plenty).runs == 1
    assert "3 runs to train, 2 at once on 2 cpu devices" in fit.text(mesh, 3)


@pytest.mark.slow
def test_as_many_as_fit_elsewhere(group, data, mesh, monkeypatch):
    many = cohorts.Group(group.runs * 10, [None] * 30)
    _, member = steps.footprint(cohorts.cohort(group.runs[:1], data, mesh, 2), 10)
    free = int((data.arrays.nbytes + 5.95 * member) / cohorts.SHARE)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert cohorts.fit(many, data, mesh, 10, None, free).runs == 10
    assert cohorts.fit(many, data, mesh, 10, 6, free).runs == 6
    assert cohorts.fit(group, data, mesh, 10, None, free).runs == 4
    assert cohorts.fit(many, data, mesh, 10, None, 10**12).runs == 30


@pytest.mark.slow
def test_a_cohort_that_asks_for_too_much_is_split_or_refused(tmp_path, monkeypatch, data, capfd):
    mine = load(tmp_path, CODES_ALONE)
    monkeypatch.setattr(devices, "free", lambda mesh: data.arrays.nbytes)
    with pytest.raises(
        InputError, match="beta=1/seed=0 needs 2 MB for the images and .* a smaller"
    ):
        runner.run_study(mine, tmp_path)
    assert not (tmp_path / "mine").exists()
    monkeypatch.setattr(devices, "free", lambda mesh: 18_000_000)
    runner.run_study(mine, tmp_path, at_once=50)
    assert "3 runs to train, 2 at once" in capfd.readouterr().err
    assert results.load(tmp_path / "mine")["run"].nunique() == 3


@pytest.mark.slow
def test_every_data_set_is_fitted_before_any_training(tmp_path, monkeypatch, data):
    """Two of them, of which memory is short for the second alone."""
    free = iter([10**9, data.arrays.nbytes])
    monkeypatch.setattr(devices, "free", lambda mesh: next(free))
    monkeypatch.setattr(work, "train_cohort", None)
    text = TEXT.replace("'dsprites_tiny'", "'dsprites_tiny', 'xy_blobs'")
    with pytest.raises(InputError, match="xy_blobs/.* needs"):
        runner.run_study(load(tmp_path, text), tmp_path)
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
def test_a_device_out_of_memory_gets_half_as_many(tmp_path, monkeypatch, capfd):
    trained, whole = [], work.train_cohort

    def crowded(folder, study, group, dataset, mesh, progress, members):
        if members > 2:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory")
        trained.append([run.name for run in group.runs])
        whole(folder, study, group, dataset, mesh, progress, members)

    monkeypatch.setattr(work, "train_cohort", crowded)
    nine = load(tmp_path, CODES_ALONE.replace("seeds = 1", "seeds = 3"))
    assert runner.run_study(nine, tmp_path, at_once=4) == {}
    assert [len(names) for names in trained] == [2, 2, 2, 2, 1]
    said = "4 runs at once are too many for the device's memory: 2 at once"
    assert capfd.readouterr().err.count(said) == 1  # what is known is not tried again
    assert results.load(tmp_path / "mine")["run"].nunique() == 9


@pytest.mark.slow
def test_other_errors_of_a_device_are_not_hidden(tmp_path, monkeypatch):
    def broken(*_):
        raise jax.errors.JaxRuntimeError("INTERNAL: broken")

    monkeypatch.setattr(work, "train_cohort", broken)
    with pytest.raises(jax.errors.JaxRuntimeError, match="INTERNAL"):
        runner.run_study(load(tmp_path), tmp_path, at_once=4)


def _in_three_ways(folder):
    """Two runs at once, all at once, and each alone on one device, in folders 2, 4 and 1."""
    runner.run_study(load(folder), folder / "2")
    runner.run_study(load(folder), folder / "4", at_once=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "mesh", lambda most=None, mesh=devices.mesh: mesh(1))
        runner.run_study(load(folder), folder / "1")


@pytest.mark.slow
def test_scores_do_not_depend_on_the_cohort(tmp_path):
    """The same files, bit for bit, by programs as they are compiled for users."""
    in_full(_in_three_ways, tmp_path)
    mine, one, two, four = load(tmp_path), *(tmp_path / name for name in "124")
    frames = [results.load(folder / "mine") for folder in (one, two, four)]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frames[0], frame, check_exact=True)
    for run in study.runs(mine):
        states = [
            folder / "mine" / run.name / "training.safetensors" for folder in (one, two, four)
        ]
        assert len({state.read_bytes() for state in states}) == 1


@pytest.mark.slow
def test_a_study_is_constructed_whole_before_it_starts(tmp_path):
    text = TEXT.replace("'beta': [1, 4, 8]}", "'beta': [1]}, 'beta_tcvae': {'beta': [1]}")
    text = text.replace("batch_size = 8", "batch_size = 1")
    text += "Study.model_options = {'beta_tcvae': {'estimator': 'stratified'}}\n"
    with pytest.raises(InputError, match="stratified.*batch"):
        runner.run_study(load(tmp_path, text), tmp_path)
    assert not (tmp_path / "mine").exists()


def test_free_memory(mesh, monkeypatch):
    assert 0 < devices.free(mesh) <= devices.host_free() < 2**50
    assert devices.free(devices.mesh(1)) == pytest.approx(2 * devices.free(mesh), rel=0.2)

    class Gpu:
        def __init__(self, limit):
            self.limit = limit

        def memory_stats(self):
            return {"bytes_limit": self.limit, "bytes_in_use": 10}

    two = SimpleNamespace(devices=np.array([Gpu(100), Gpu(60)]), size=2)
    assert devices.free(two) == 50
