"""A run's folder: what rebuilds its model, its parameters, and what resumes its training.

    config.json              version, data set, model, options, seed, steps, batch_size, ...
    parameters.safetensors   parameters alone; there when training has ended
    training.safetensors     parameters, optimiser state and step, for exact resumption

Arrays are named by their path in the tree, for example `params/params/encoder/kernel`.
Nothing is pickled, and every file is replaced whole.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from dbench import bounds, environment, files, schemas
from dbench.base import Dataset, State
from dbench.errors import InputError, short

VERSION = 1
GIVEN_UP = "a failed run is not tried again unless its folder is deleted"


def paths(folder: Path) -> tuple[Path, Path, Path]:
    """config, parameters and training state of a run's folder."""
    parameters, training = folder / "parameters.safetensors", folder / "training.safetensors"
    return folder / "config.json", parameters, training


def stamped(config: dict) -> dict:
    """`config` as it reads back from a file of this version."""
    return {"version": VERSION, **json.loads(json.dumps(config))}


def write_config(
    folder: Path, config: dict, data_sha256: str | None = None, base_sha256: str | None = None
) -> None:
    """Also which images and factors it is trained on, where they depend on what a user gave.

    And the parameters that it builds on, if so, and what of the environment may change its numbers.
    """
    own = {"data_sha256": data_sha256, "base_sha256": base_sha256}
    own = {name: known for name, known in own.items() if known}
    files.write_json(paths(folder)[0], stamped(config) | own | environment.recorded())


def same_data(folder: Path, config: dict, dataset: Dataset) -> None:
    """An InputError if what a user gave has changed since a run's config was written."""
    known = config.get("data_sha256")  # runs of earlier versions of dbench do not all have it
    if known is not None and known != dataset.sha256:
        raise InputError(
            f"{folder} is of other images or factors than {dataset.name} has now "
            f"({config['dataset']}): bring the old ones back, or train anew elsewhere"
        )


def same_environment(folder: Path, config: dict) -> None:
    """An InputError if a run was made with other flags of XLA, which may change its numbers."""
    environment.same(folder, config, jax.default_backend)


def read_config(folder: Path) -> dict:
    """The checked config.json of a run's folder."""
    path = paths(folder)[0]
    if not path.exists():
        raise InputError(
            f"{folder} is no checkpoint: it has no {path.name}; give the folder of one run, in a "
            "study one that is called seed=0 or the like"
        )
    config = files.read_json(path)
    if (found := config.get("version")) != VERSION:
        raise InputError(
            f"{path} is of checkpoint version {short(found)}, but this dbench reads "
            f"version {VERSION}; use the dbench that wrote it or train again"
        )
    missing = [field for field in schemas.CONFIG["required"] if field not in config]
    if missing:
        raise InputError(f"{path} lacks {', '.join(missing)}; it was edited, train again")
    schemas.check(config, schemas.CONFIG, path)
    _check_swept(path, config)
    return config


def _check_swept(path: Path, config: dict) -> None:
    """An InputError if the swept number is another in the options: a table has the former."""
    swept, value = config.get("hyperparameter"), config.get("value")
    option = config["options"].get(swept) if isinstance(swept, str) else None
    known = isinstance(option, int | float) and abs(option) <= bounds.NUMBER
    if known and value is not None and option != value:
        raise InputError(
            f"{path}: {short(swept)} is {value} and, in options, {option}: it was edited, train "
            "again"
        )


def write_parameters(folder: Path, params: Any) -> None:
    """Marks the end of training."""
    _write(paths(folder)[1], {"params": params})


def sha256(folder: Path) -> str:
    """Of the parameters of a trained run: 64 hexadecimal digits."""
    require_parameters(folder)
    return hashlib.sha256(paths(folder)[1].read_bytes()).hexdigest()


def require_parameters(folder: Path) -> None:
    """An InputError where training has not ended, or never will."""
    path = paths(folder)[1]
    if path.exists():
        return
    if (folder / "failed.json").exists():
        reason = files.read_json(folder / "failed.json", schemas.FAILED)["reason"]
        raise InputError(f"{folder} has no {path.name}, it was given up: {reason}; {GIVEN_UP}")
    raise InputError(
        f"{folder} is no finished checkpoint: it has no {path.name}; "
        "run its study again to finish training"
    )


def check_parameters(folder: Path) -> None:
    """An InputError for parameters that are NaN or infinite: whatever is made of them is too."""
    path = paths(folder)[1]
    for name, array in _arrays(path).items():
        if array.dtype.kind in "fc" and not np.isfinite(array).all():
            raise InputError(
                f"{path} has parameters that are NaN or infinite ({short(name)}): training "
                "diverged, and there is nothing to show or to score"
            )


def read_parameters(folder: Path, template: Any) -> Any:
    """Parameters with the structure, shapes and dtypes of `template`."""
    require_parameters(folder)
    return _read(paths(folder)[1], {"params": template})["params"]


def write_training(folder: Path, state: State) -> None:
    _write(paths(folder)[2], state._asdict())


def read_training(folder: Path, template: State) -> State | None:
    """The state that training goes on from; None where there is none yet."""
    path = paths(folder)[2]
    return State(**_read(path, template._asdict())) if path.exists() else None


def _names(tree: Any) -> list[str]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in leaves]


def _write(path: Path, tree: dict) -> None:
    leaves = (np.asarray(leaf, order="C") for leaf in jax.tree.leaves(tree))
    files.write_bytes(path, save(dict(zip(_names(tree), leaves, strict=True))))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file: what should be there was replaced")
    try:
        return load(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (SafetensorError, LookupError, ValueError, TypeError) as error:  # an unknown type too
        raise InputError(f"{path} is damaged ({error}); delete it and train again") from error


def _read(path: Path, template: dict) -> dict:
    arrays = _arrays(path)
    names, wanted = _names(template), jax.tree.leaves(template)
    for name, leaf in zip(names, wanted, strict=True):
        found = arrays.get(name)
        if found is None or found.shape != leaf.shape or found.dtype != leaf.dtype:
            have = "nothing" if found is None else f"{found.dtype}{list(found.shape)}"
            raise InputError(
                f"{path} does not fit its config.json: {name} should be "
                f"{leaf.dtype}{list(leaf.shape)}, there is {have}"
            )
    return jax.tree.unflatten(jax.tree.structure(template), [arrays[name] for name in names])
