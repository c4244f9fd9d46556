"""Any other engine: the plan is written, and a person has `dbench work` started for each part."""

import shlex

from dbench.cluster import record
from dbench.cluster.engine import RUNNING, WAITING
from dbench.cluster.written import Written

OVER = (record.DONE, record.REFUSED, record.ENDED)


class Other:
    """The engine `--on other`. Nobody waits for it."""

    name, pause, ahead = "other", 0.0, True

    def check(self, count: int, does: str | None = None) -> None:
        """It is not known how many parts such an engine takes."""

    def start(self, written: Written, parts: list[int], after: Written | None = None) -> str:
        command = f"dbench work {shlex.quote(str(written.path))} INDEX"
        said = f"have `{command}` started for each INDEX from 0 to {len(parts) - 1}"
        return f"{said}, each when that of {after.path} is done" if after else said

    def states(self, written: Written) -> dict[int, str]:
        """All that is not over is taken for at work: the other engine may still start it."""
        found = {}
        for part in range(len(written.parts)):
            state = record.read(written.part(part)).get("state")
            if state not in OVER:
                found[part] = RUNNING if state == record.RUNNING else WAITING
        return found

    def left(self, written: list[Written]) -> str:
        names = " and ".join(str(plan.path.parent) for plan in written)
        return f"if nobody works at {names} any more, delete that"
