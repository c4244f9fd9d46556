"""cluster.toml: the example is right, what is wrong is one sentence."""

import re
import tomllib

import pytest

from dbench.cluster import settings
from dbench.errors import InputError


def test_the_example_has_every_setting(tmp_path, dbench, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = dbench("study", "--on", "slurm", "--cluster", "new")
    assert code == 0 and out.startswith("cluster.toml: ")
    path = tmp_path / "cluster.toml"
    assert settings.read(path) == settings.Settings()  # all is commented out
    text = re.sub(r"^# (?=\w+ = |  \"|\])", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(text)
    given = tomllib.loads(text)
    assert set(given["slurm"]) == set(settings.Slurm._fields)
    score = {"partition", "time", "cpus", "memory", "parts_at_once"}
    assert set(given["slurm"]["score"]) == score and set(given["ray"]["score"]) == {"num_cpus"}
    assert set(given["ray"]) == set(settings.Ray._fields) and "price_per_gpu_hour" in given
    assert settings.read(path).slurm.gres == "gpu:1"
    code, _, err = dbench("study", "--on", "slurm", "--cluster", "new")
    assert code == 2 and "cluster.toml is there" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[slurm", "cannot read .*cluster.toml"),
        ("[slurm]\ngpus = 1", r"unknown setting of .*\[slurm\] 'gpus' \(known: account"),
        ("[slurm.score]\ngpus = 1", r"unknown setting of .*\[slurm.score\] 'gpus'"),
        ("[slurm.score]\npoll = 1", r"unknown setting of .*\[slurm.score\] 'poll'"),
        ("[slurm]\nscore = 1", r"slurm\['score'\] must be a dict, not 1"),
        ("[ray.score]\nnum_gpus = 1", r"unknown setting of .*\[ray.score\] 'num_gpus'"),
        ("[pbs]\n", "unknown setting of .* 'pbs'"),
        ("slurm = 3", "slurm must be a dict, not 3"),
        ("[slurm]\ncpus = 0", r"slurm\['cpus'\] must be a whole number from 1"),
        ("[slurm]\ncpus = '8'", r"slurm\['cpus'\] must be a whole number from 1"),
        ('[slurm]\npartition = "a\\nb"', r"slurm\['partition'\] must be text of one line"),
        ("[slurm]\nsetup = 'module'", r"slurm\['setup'\] must be a list"),
        ("price_per_gpu_hour = -1", "price_per_gpu_hour must be a number, 0 or more"),
        ("[ray]\nretries = -2", r"ray\['retries'\] must be a whole number from -1"),
    ],
)
def test_what_is_wrong(tmp_path, text, said):
    path = tmp_path / "cluster.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        settings.read(path)
