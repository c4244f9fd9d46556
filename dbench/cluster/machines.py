"""Which machines have done a study's parts, and how long they took in all."""

from collections import Counter

from dbench.cluster import record
from dbench.cluster.written import Written


def hosts(records: list[dict]) -> dict[str, str]:
    """Name -> device of every machine that has begun a part."""
    found: dict[str, set[str]] = {}
    for attempt in _attempts(records):
        found.setdefault(attempt["host"], set()).add(attempt["device"])
    return {host: "; ".join(sorted(devices)) for host, devices in sorted(found.items())}


def kinds(records: list[dict]) -> list[str]:
    """The kinds of processors among them, without how many each machine has."""
    return sorted({each["device"].partition(" x ")[2] for each in _attempts(records)})


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
