"""A study's table of several scales, or at work: which scale is taken, and how much is there."""

import math
from pathlib import Path

import pandas as pd

from dbench import files, schemas
from dbench.errors import InputError
from dbench.kept import ORDER


def unfinished(folder: Path, frame: pd.DataFrame) -> dict[str, str]:
    """Scale -> "laptop: 10 of 40 runs are done", from the smallest to the largest.

    Of the scales of which study.json says that runs are missing in the table `frame`.
    """
    path, found = folder / "study.json", {}
    try:
        ledger = files.read_json(path, schemas.LEDGER) if path.exists() else {}
    except InputError:  # who needs more of it says what is wrong
        return {}
    for scale in (each for each in ORDER if each in ledger):
        total, failed = planned(ledger[scale].get("settings", {})), _failed(folder / scale)
        done = frame.loc[frame["scale"] == scale, "run"].nunique()
        if done + failed < total:
            given_up = f", {failed} given up" if failed else ""
            found[scale] = f"{scale}: {done} of {total} runs are done{given_up}"
    return found


def planned(settings: dict) -> int:
    """The number of runs of a study by its settings; 0 where they do not say it."""
    try:
        strengths = [sum(map(len, swept.values())) or 1 for swept in settings["sweep"].values()]
        total = len(settings["datasets"]) * settings["seeds"] * sum(strengths)
        return total if isinstance(total, int) and math.isfinite(total) else 0
    except (KeyError, TypeError, AttributeError):  # an older version, or edited
        return 0


def _failed(folder: Path) -> int:
    """Runs that were given up."""
    return sum(1 for _ in folder.rglob("failed.json")) if folder.is_dir() else 0


def largest_scale(
    given: str, frame: pd.DataFrame, at_work: dict[str, str], chosen: dict[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """The rows of a study's largest scale, and what to say of those that are not taken or there."""
    scales = [scale for scale in ORDER if (frame["scale"] == scale).any()]
    if not scales or set(frame["scale"]) != set(scales):
        return frame, []
    *others, largest = scales
    said = []
    if others:
        said = [
            f"{given} has runs of several scales: of {largest}, the largest, and not of "
            f"{' and '.join(others)} ({given}@scale={others[-1]})"
        ]
    for scale, sentence in at_work.items():
        larger = "scale" not in chosen and ORDER.index(scale) > ORDER.index(largest)
        if scale == largest or larger:
            said.append(f"{given} is not finished: {sentence}")
    return frame[frame["scale"] == largest].reset_index(drop=True), said
