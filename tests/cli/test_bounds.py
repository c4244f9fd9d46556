"""Numbers that are absurd, and what the memory does not hold: said at once, before any work."""

import pytest

from dbench import memory
from dbench.codes import from_function
from dbench.data import dsprites
from dbench.errors import InputError

HUGE = ("1000000000000", "1" + "0" * 30, "1" + "0" * 5_000)


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "--representation", "x.npz", "--repeats"],
        ["evaluate", "--representation", "x.npz", "--seed"],
        ["evaluate", "--encoder", "m:f", "--batch"],
        ["traverse", "--checkpoint", ".", "--latents"],
        ["traverse", "--checkpoint", ".", "--images"],
        ["traverse", "--checkpoint", ".", "--range"],
        ["traverse", "--checkpoint", ".", "--seed"],
        ["equivariance", "--checkpoint", ".", "--seed"],
        ["udr", "a", "b", "--rows"],
        ["udr", "a", "b", "--seed"],
        ["study", "beta_sweep", "--at-once"],
        ["compare", "a", "b", "--level"],
        ["data", "show", "xy_blobs", "--seed"],
    ],
)
def test_options_beyond_all_bounds(refused, tmp_path, monkeypatch, words, number):
    monkeypatch.chdir(tmp_path)
    assert words[-1] in refused(*words, number)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["traverse", "--checkpoint", ".", "--range", "nan"],
        ["compare", "a", "b", "--level", "nan"],
        ["traverse", "--checkpoint", ".", "--images", "nan"],
    ],
)
def test_options_that_are_no_numbers(refused, words):
    assert words[-2] in refused(*words)


def test_numbers_as_pages_write_them_are_no_range(refused):
    line = refused("evaluate", "--encoder", "m:f", "--rows", "20,000")
    assert line.endswith("'--rows': '20,000' is not a valid integer.")


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "--checkpoint", "."],
        ["evaluate", "--encoder", "m:f", "--dataset", "xy_blobs"],
        ["data", "show", "xy_blobs"],
        ["study", "beta_sweep", "--scale", "smoke"],
        ["udr", "a", "b"],
        ["traverse", "--checkpoint", "."],
        ["report", "."],
        ["claims"],
    ],
)
def test_data_that_are_not_there_also_where_they_are_not_needed(
    refused, words, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert "--data is nope, which does not exist" in refused(*words, "--data", "nope")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_folder_of_the_environment_that_is_not_there(refused, dbench, tmp_path, monkeypatch):
    """It is set for all commands: it stops those that look in it, and no other."""
    monkeypatch.setenv("DBENCH_DATA", str(tmp_path / "nope"))
    assert "DBENCH_DATA is" in refused("data", "show", "dsprites", "--output", tmp_path / "a.png")
    assert dbench("data", "show", "xy_blobs", "--output", tmp_path / "a.png")[0] == 0


STUDY = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {}}
Study.options = {'net': 'mlp', 'latents': 2}
Study.metrics = ['mig_histogram']
Study.seeds = 1
Study.steps = 4
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Study.batch_size = 1000000", "a batch of 1,000,000 images takes 16.4 GB of memory"),
        ("Study.options = {'net': 'fc', 'latents': 100000}", "optimiser's state of one beta_vae"),
        (
            "Study.sweep = {'factor_vae': {}}\n"
            "Study.model_options = {'factor_vae': {'discriminator_units': 100000}}",
            "the optimiser's state of one factor_vae takes",
        ),
    ],
)
def test_a_study_that_the_memory_does_not_hold(refused, tmp_path, monkeypatch, line, said):
    monkeypatch.setattr(memory, "free", lambda: int(1e9))
    (tmp_path / "mine.gin").write_text(STUDY + line + "\n")
    command = ("study", tmp_path / "mine.gin", "--scale", "smoke", "--results", tmp_path)
    assert said in refused(*command)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.gin"]


@pytest.mark.slow
def test_a_study_that_no_machine_ends_in_a_year(refused, tmp_path):
    """10^8 updates of a million images: few enough by their number."""
    (tmp_path / "mine.gin").write_text(
        STUDY + "Study.steps = 100000000\nStudy.batch_size = 1000000\nStudy.seeds = 100\n"
    )
    command = ("study", tmp_path / "mine.gin", "--scale", "smoke", "--results", tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "free", lambda: int(1e15))
        assert "to train beta_vae would take " in refused(*command)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.gin"]


def test_a_batch_for_an_encoder_that_the_memory_does_not_hold(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: int(1e6))
    with pytest.raises(InputError, match="a batch of 2,880 images takes 0.1 GB of memory"):
        from_function.encode(lambda x: x, dsprites.load_tiny(), batch=10**6)


def test_a_scale_that_is_none_is_refused_also_of_a_table_without_scales(refused, tmp_path):
    (tmp_path / "mine.csv").write_text("model\n")
    line = refused("report", tmp_path / "mine.csv", "--scale", "papers")
    assert "unknown scale 'papers'" in line and line.endswith("did you mean 'paper'?")
