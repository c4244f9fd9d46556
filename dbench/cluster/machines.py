"""Which machines have done a study's parts, and how long they took in all."""

from collections import Counter

from dbench.cluster import record
from dbench.cluster.written import SCORE, TRAIN, Written

TRAINS, SCORES = (None, TRAIN), (None, SCORE)


def hosts(records: list[dict]) -> dict[str, str]:
    """Name -> device of every machine that has begun a part."""
    found: dict[str, set[str]] = {}
    for attempt in _attempts(records):
        found.setdefault(attempt["host"], set()).add(attempt["device"])
    return {host: "; ".join(sorted(devices)) for host, devices in sorted(found.items())}


def several(plans: list[Written]) -> list[str]:
    """The kinds of processors of parts that did the same; [] if these were of one kind.

    Parts that train may have another than those that score.
    """
    found = [_kinds(records([p for p in plans if p.does in does])) for does in (TRAINS, SCORES)]
    return sorted({kind for kinds in found if len(kinds) > 1 for kind in kinds})


def _kinds(records: list[dict]) -> set[str]:
    """Without how many of them each machine has."""
    return {each["device"].partition(" x ")[2] for each in _attempts(records)}


def seconds(records: list[dict], since: float) -> dict[str, float]:
    """By stage, of all parts together, of what ended after a time."""
    total: Counter = Counter()
    for attempt in _attempts(records):
        if attempt.get("ended", attempt["began"]) > since:
            total.update(attempt["seconds"])
    return dict(total)


def records(plans: list[Written]) -> list[dict]:
    """Those of all parts that were begun."""
    found = [record.read(plan.part(i)) for plan in plans for i in range(len(plan.parts))]
    return [each for each in found if each]


def _attempts(records: list[dict]) -> list[dict]:
    found = [attempt for each in records for attempt in each["attempts"]]
    return [attempt for attempt in found if attempt["device"] != record.NONE]
