"""study.json: how the runs of each scale were made: settings, versions, commit, device, times."""

import dataclasses
import os
import time
from pathlib import Path

from dbench import environment, files, provenance, schemas
from dbench.study import versions
from dbench.study.study import Study


def record(path: Path, study: Study, seconds: dict[str, float], source: Path | None) -> None:
    """Sets the entry of the study's scale in study.json; the others stay.

    `seconds` of this command, in all and by stage, are added to those of earlier ones.
    """
    known = check(path)
    before = known.get(study.scale, {}).get("seconds", {})
    before = before if isinstance(before, dict) else {"all": before}  # as version 1 wrote it
    given = versions.hashes(path.parent, study)
    known[study.scale] = {
        "settings": _settings(study),
        "data": str(source or os.environ.get("DBENCH_DATA") or "none given"),
        **({"data_sha256": given} if given else {}),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "device": provenance.device(),
        **environment.recorded(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": {k: round(before.get(k, 0.0) + v, 1) for k, v in seconds.items()},
    }
    files.write_json(path, known)


def begin(path: Path, study: Study) -> None:
    """Says what is at work, so that who reads the table meanwhile knows how much is missing."""
    known = check(path)
    made = {"versions": provenance.versions(), "commit": provenance.commit()}
    known[study.scale] = made | known.get(study.scale, {}) | {"settings": _settings(study)}
    files.write_json(path, known)


def _settings(study: Study) -> dict:
    return {k: v for k, v in dataclasses.asdict(study).items() if k != "path"}


def recorded(path: Path, study: Study) -> bool:
    """Whether study.json has an entry of the study's scale."""
    return study.scale in check(path)


def check(path: Path) -> dict:
    """What a study.json has; {} where there is none, an InputError where it cannot be read."""
    return files.read_json(path, schemas.TIMED) if path.exists() else {}
