"""GANs in a study, killed and resumed, and what is said of scores that they cannot have."""

import pytest
from click.testing import CliRunner

from dbench import study
from dbench.cli.commands import cli
from dbench.errors import InputError
from dbench.metrics import GROUPS
from dbench.study import runner
from dbench.tables import results
from dbench.training import checkpoint
from dbench.training.steps import train

TEXT = """
Study.datasets = ['xy_blobs']
Study.sweep = {'infogan': {}, 'infowgan_gp': {'lambda_info': [0.2]}}
Study.metrics = ['category_error', 'mig_histogram']
Study.seeds = 1
Study.steps = 6
Study.chunk = 3
Study.batch_size = 8
Study.options = {'net': 'small', 'noise': 3}
Study.model_options = {'infowgan_gp': {'critic_steps': 2}}
"""


def load(folder, text=TEXT):
    path = folder / "gans.gin"
    path.write_text(text)
    return study.load(str(path), "smoke")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:dbench.metrics.ScoreWarning")  # few rows
def test_killed_and_resumed_to_the_same_numbers(tmp_path, monkeypatch):
    assert runner.run_study(load(tmp_path), tmp_path / "whole") == {}

    def killed(*given, **more):
        for at, chunk in enumerate(train(*given, **more)):
            if at == 1:
                raise KeyboardInterrupt
            yield chunk

    monkeypatch.setattr("dbench.study.train_cohort.SAVE_EVERY", -1.0)
    with monkeypatch.context() as patch:
        patch.setattr("dbench.study.train_cohort.steps.train", killed)
        with pytest.raises(KeyboardInterrupt):
            runner.run_study(load(tmp_path), tmp_path / "parts")
    folder = tmp_path / "parts" / "gans" / "smoke" / "xy_blobs" / "infogan" / "seed=0"
    assert [path.exists() for path in checkpoint.paths(folder)] == [True, False, True]
    assert runner.run_study(load(tmp_path), tmp_path / "parts") == {}
    whole, parts = (results.load(tmp_path / name / "gans") for name in ("whole", "parts"))
    assert whole["score"].tolist() == parts["score"].tolist() and len(whole) == 4
    assert set(whole["model"]) == {"infogan", "infowgan_gp"}
    for name in ("infogan", "infowgan_gp/lambda_info=0.2"):
        run = f"gans/smoke/xy_blobs/{name}/seed=0/parameters.safetensors"
        assert (tmp_path / "whole" / run).read_bytes() == (tmp_path / "parts" / run).read_bytes()

    # Without --metrics a checkpoint gets what it can have, and no reconstruction.
    monkeypatch.setitem(GROUPS, "default", ["mig_histogram", "mig"])
    given = ["evaluate", "--checkpoint", str(folder), "--output", str(tmp_path / "scores.csv")]
    outcome = CliRunner().invoke(cli, given)
    assert outcome.exit_code == 0, outcome.output
    scores = results.read(tmp_path / "scores.csv", {"metric": str, "score": float})
    own = whole[whole["model"] == "infogan"].set_index("metric")["score"].to_dict()
    assert scores.set_index("metric")["score"].to_dict() == own
    assert own.keys() == {"category_error", "mig_histogram"}

    grouped = CliRunner().invoke(cli, [*given, "--groups", "model", "--metrics", "mig_histogram"])
    assert "group 'categorical_0' of 10 codes is one code, 0" in grouped.output
    again = results.read(tmp_path / "scores.csv", {"metric": str, "score": float})
    assert again["score"].tolist() != [own["mig_histogram"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "change, said",
    [
        (("'mig_histogram'", "'mig'"), "infogan on xy_blobs: mig needs logvar"),
        (("'mig_histogram'", "'kl'"), "infogan on xy_blobs: kl needs logvar"),
        (
            ("'mig_histogram'", "'reconstruction'"),
            r"reconstruction needs p\(x given z\), which inf",
        ),
        (("'noise': 3", "'categoricals': 0"), "category_error needs categorical codes, which inf"),
        (("'net': 'small'", "'net': 'fc'"), "unknown value of 'net' of 'infogan': 'fc'"),
        (("'noise': 3", "'categoricals': 0, 'continuous': 0"), "a GAN without codes"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_written(tmp_path, change, said):
    with pytest.raises(InputError, match=said) as error:
        runner.run_study(load(tmp_path, TEXT.replace(*change)), tmp_path / "results")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "results").exists()
