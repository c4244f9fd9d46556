"""Which checkpoints are read together."""

from dbench.report import runs


def loaded(monkeypatch, *options):
    """The groups in which runs of these options are loaded."""
    configs = {
        i: {"model": "factor_vae", "options": own, "batch_size": 8} for i, own in enumerate(options)
    }
    groups = []
    monkeypatch.setattr(runs.evaluate, "finished", configs.get)
    monkeypatch.setattr(runs, "load", lambda paths, *_: groups.append(list(paths)) or list(paths))
    assert runs._load(list(configs), None, None) == list(configs)
    return groups


def test_runs_are_loaded_together_where_only_numbers_differ(monkeypatch):
    assert loaded(monkeypatch, {"gamma": 1.0}, {"gamma": 5.0}) == [[0, 1]]
    sizes = [{"discriminator_units": units} for units in (4, 8)]  # of arrays in the checkpoint
    assert loaded(monkeypatch, *sizes) == [[0], [1]]
    assert loaded(monkeypatch, {}, {"latents": 10}) == [[0, 1]]  # which is the default


def test_runs_of_a_view_are_read_with_it(monkeypatch):
    """Pictures of held-out images need to know which these are; other views are read apart."""
    drawn = [{}, {"drawn": {"part": [0.5, 0]}}, {"drawn": {"part": [0.5, 0]}}]
    configs = {i: {"dataset": "xy_blobs"} | own for i, own in enumerate(drawn)}
    monkeypatch.setattr(runs.evaluate, "finished", configs.get)
    monkeypatch.setattr(runs.checkpoint, "same_data", lambda *_: None)
    monkeypatch.setattr(runs, "_load", lambda paths, of, _: [(p, of.drawing) for p in paths])
    one, two, three = runs._opened([0, 1, 2], {}, None, None)
    assert one == (0, None) and two[1].size == three[1].size == 384
