"""What a report is made of: the tables of one or more studies at one scale, and what they lack."""

import contextlib
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dbench import files, schemas
from dbench.errors import InputError, choose
from dbench.kept import ORDER
from dbench.tables import results
from dbench.tables.reading import drawn_rows, said_beside
from dbench.tables.strength import written
from dbench.tables.unfinished import unfinished

NONE = "no strength"  # what a method without one has in its place


class Material(NamedTuple):
    """Tables of studies. `lacks` says in sentences what is missing, dropped, or to beware of."""

    folders: dict[str, Path]  # study -> its folder
    scale: str | None  # None where there is no score at all
    scores: pd.DataFrame  # results.DTYPES and METHOD, finite scores only
    logs: pd.DataFrame  # of the same runs; no rows where there are no log.csv
    about: dict[str, dict]  # study -> its entry in study.json
    failures: pd.DataFrame  # study, run, reason
    lacks: list[str]

    @property
    def metrics(self) -> list[str]:
        """In the order of the tables."""
        return list(self.scores["metric"].unique())


METHOD = {"method": str, "strength": str, "level": int}
# method: the model, with its study where two studies have the same one; strength: "beta=4";
# level: its rank among the strengths of the method.


def read(folders: list[Path], scale: str | None = None) -> Material:
    """The material of results folders, of one scale: the largest that was run if None.

    Also of tables of models of a user's own, which are of no scale and always count.
    """
    named: dict[str, Path] = {}
    frames, lacks, work = [], [], {}
    for folder in {path.resolve(): path for path in folders}.values():
        frame = results.load(folder)
        lacks += _unknown(results.table_of(folder))
        with contextlib.suppress(InputError):  # the table stands all the same
            said_beside(results.table_of(folder), frame)
        name = _name(folder, frame, named)
        named[name] = folder
        frames.append(frame.assign(study=name))
        work[name] = unfinished(folder, frame)
    scores = pd.concat(frames, ignore_index=True)
    scale = _scale(scores, scale)
    lacks += _at_work(work, scale)
    scores = _clean(scores[scores["scale"].isin([scale, ""])], lacks)
    if len(unknown := scores.loc[scores["steps"].isna(), "model"].unique()):
        lacks.append(f"How many steps {', '.join(unknown)} trained is not known.")
    about = {name: _about(folder, scale, lacks) for name, folder in named.items()}
    about = {name: entry for name, entry in about.items() if entry}
    _compare_versions(about, lacks)
    _compare_data(about, lacks)
    scores = _methods(scores)
    logs = _logs(named, scores, lacks)
    return Material(named, scale, scores, logs, about, _failures(named, scale), lacks)


def _at_work(work: dict[str, dict[str, str]], shown: str | None) -> list[str]:
    """Says which studies are not finished, of the scale that is shown and of larger ones."""
    least = ORDER.index(shown) if shown in ORDER else 0
    said = []
    for name, scales in work.items():
        for scale, sentence in scales.items():
            if ORDER.index(scale) >= least:
                other = f" (this page shows {shown})" if shown and scale != shown else ""
                said.append(f"{name} is not finished: {sentence}{other}.")
    return said


def _name(folder: Path, frame: pd.DataFrame, known: dict) -> str:
    """The study's name, with its folder's where two have the same."""
    said = list(frame["study"].unique())
    name = said[0] if len(said) == 1 else folder.stem if folder.is_file() else folder.name
    return name if name not in known else str(folder)


def _unknown(path: Path) -> list[str]:
    header = pd.read_csv(path, nrows=0, dtype=str)
    extra = [str(column) for column in header if column not in results.DTYPES]
    if not extra:
        return []
    return [f"{path.parent.name}/{path.name} has columns that are not known: {', '.join(extra)}."]


def _scale(scores: pd.DataFrame, scale: str | None) -> str | None:
    present = [each for each in scores["scale"].unique() if each]
    if scale is not None and present:
        return choose("scale of these tables", scale, present)
    known = [each for each in ORDER if each in present]
    return scale or (known or present or [None])[-1]


def _clean(scores: pd.DataFrame, lacks: list[str]) -> pd.DataFrame:
    """One finite score a run and metric."""
    if not len(scores):
        lacks.append("The table has no scores.")
    key = ["study", "run", "metric"]
    twice = scores.duplicated(key, keep="last")
    if twice.any():
        run = scores.loc[twice, "run"].iloc[0]
        lacks.append(
            f"{twice.sum()} scores are in the table twice (of {run}, for one): the last counts."
        )
    scores = scores[~twice]
    finite = scores["score"].abs() < float("inf")
    for metric, count in scores.loc[~finite, "metric"].value_counts(sort=False).items():
        lacks.append(
            f"{metric} is NaN or infinite in {count} runs, which are left out of its figures."
        )
    return scores[finite].reset_index(drop=True)


def _about(folder: Path, scale: str | None, lacks: list[str]) -> dict:
    if folder.is_file():
        lacks.append(f"{folder.name} is a table alone: settings, versions, times are not known.")
        with contextlib.suppress(InputError):
            about = files.read_json(folder.with_suffix(".json"), schemas.SCORES)
            lacks += [f"{folder.name} {said}." for said in drawn_rows(about)]
        return {}
    path = folder / "study.json"
    try:
        content = files.read_json(path, schemas.LEDGER) if path.exists() else {}
        entry = content.get(scale) if scale else ([*content.values()] or [{}])[-1]
    except InputError as error:
        lacks.append(f"{error}.")
        return {}
    if not isinstance(entry, dict) or not entry:
        lacks.append(
            f"{path} says nothing of scale {scale}: settings, versions, times are not known."
        )
        return {}
    return entry


def _compare_versions(about: dict[str, dict], lacks: list[str]) -> None:
    said = {name: entry.get("versions") for name, entry in about.items()}
    versions = {name: each for name, each in said.items() if isinstance(each, dict)}
    packages = dict.fromkeys(package for each in versions.values() for package in each)
    for package in packages:
        found = {name: each.get(package, "unknown") for name, each in versions.items()}
        if len(set(found.values())) > 1:
            which = ", ".join(f"{version} ({name})" for name, version in found.items())
            lacks.append(f"The studies were made with different versions of {package}: {which}.")


def _compare_data(about: dict[str, dict], lacks: list[str]) -> None:
    """Data sets of users' own that have other images or factors in one study than in another."""
    given = {name: entry.get("data_sha256") for name, entry in about.items()}
    known = {name: each for name, each in given.items() if isinstance(each, dict)}
    for dataset in dict.fromkeys(dataset for each in known.values() for dataset in each):
        having = [name for name, each in known.items() if dataset in each]
        if len({str(known[name][dataset]) for name in having}) > 1:
            lacks.append(
                f"The data set {dataset} has other images or factors in one of {', '.join(having)} "
                "than in another: their scores cannot be held against each other."
            )


def _methods(scores: pd.DataFrame) -> pd.DataFrame:
    """With the columns of METHOD."""
    several = scores.groupby("model")["study"].nunique()
    shared = scores["model"].map(several).fillna(1) > 1
    method = scores["model"].where(~shared, scores["model"] + " (" + scores["study"] + ")")
    swept = zip(scores["hyperparameter"], scores["value"], strict=True)
    strength = [f"{name}={written(value)}" if name else NONE for name, value in swept]
    ranks = scores.assign(method=method, strength=strength)
    by = ranks.groupby(["method", "hyperparameter"])["value"]
    return ranks.assign(level=by.rank("dense").fillna(1).astype(int) - 1).astype(METHOD)


def _logs(named: dict[str, Path], scores: pd.DataFrame, lacks: list[str]) -> pd.DataFrame:
    keys = ["study", "dataset", "method", "strength", "level", "seed", "run"]
    runs, found, missing = scores.drop_duplicates(["study", "run"])[keys], [], []
    for run in runs.to_dict("records"):
        path = named[run["study"]] / run["run"] / results.LOG
        try:
            if path.exists():
                found.append(results.log(path).assign(**run))
            else:
                missing.append(run["method"])
        except InputError as error:
            lacks.append(f"{error}.")
    if missing:
        lacks.append(
            f"{len(missing)} of {len(runs)} runs have no {results.LOG}, no training curves of "
            f"them: {', '.join(dict.fromkeys(missing))}."
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*keys, "step"])


def _failures(named: dict[str, Path], scale: str | None) -> pd.DataFrame:
    rows = []
    for name, folder in named.items():
        for path in sorted(folder.glob(f"{scale or '*'}/**/failed.json")):
            try:
                reason = files.read_json(path, schemas.FAILED)["reason"]
            except InputError as error:
                reason = str(error)
            rows.append((name, str(path.parent.relative_to(folder)), reason))
    return pd.DataFrame(rows, columns=["study", "run", "reason"])
