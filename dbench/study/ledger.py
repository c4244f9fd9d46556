"""study.json: how the runs of each scale were made: settings, versions, commit, device, times."""

import calendar
import dataclasses
import os
import socket
import time
from pathlib import Path

from dbench import environment, files, provenance, schemas
from dbench.study import versions
from dbench.study.study import Study

TIME = "%Y-%m-%dT%H:%M:%SZ"


def record(
    path: Path,
    study: Study,
    seconds: dict[str, float],
    source: Path | None,
    hosts: dict[str, str] | None = None,
) -> None:
    """Sets the entry of the study's scale in study.json; the others stay.

    `seconds` of this command, in all and by stage, are added to those of earlier ones. `hosts`:
    name -> device of the machines that have done it [this one].
    """
    known = check(path)
    earlier = known.get(study.scale, {})
    before = earlier.get("seconds", {})
    before = before if isinstance(before, dict) else {"all": before}  # as version 1 wrote it
    if hosts is None and "hosts" in earlier:  # begun on many, ended on this one
        hosts = {socket.gethostname(): provenance.device()}
    if hosts is not None:
        hosts = {**earlier.get("hosts", {}), **hosts}
    given = versions.hashes(path.parent, study)
    known[study.scale] = {
        "settings": _settings(study),
        "data": str(source or os.environ.get("DBENCH_DATA") or "none given"),
        **({"data_sha256": given} if given else {}),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "device": "; ".join(sorted(set(hosts.values()))) if hosts else provenance.device(),
        **({"hosts": hosts} if hosts else {}),
        **environment.recorded(),
        "finished": time.strftime(TIME, time.gmtime()),
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


def finished(path: Path, study: Study) -> float:
    """When the study's scale was last recorded, in seconds since 1970; 0 where it never was."""
    said = check(path).get(study.scale, {}).get("finished")
    try:
        return calendar.timegm(time.strptime(said, TIME)) if said else 0.0
    except (TypeError, ValueError):  # edited
        return 0.0


def recorded(path: Path, study: Study) -> bool:
    """Whether study.json has an entry of the study's scale."""
    return study.scale in check(path)


def check(path: Path) -> dict:
    """What a study.json has; {} where there is none, an InputError where it cannot be read."""
    return files.read_json(path, schemas.TIMED) if path.exists() else {}
