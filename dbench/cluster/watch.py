"""A plan at work, as its driver sees it: which parts are done, lost, given up."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from dbench.cluster import forecast, record
from dbench.cluster.engine import CANCELLED, RUNNING, WAITING, Engine
from dbench.cluster.forecast import Part
from dbench.cluster.written import TRAIN, Written
from dbench.study import stages
from dbench.study.study import runs

SEEN = "--results must lie on a disk that all machines see at one path, and dbench start there"
PATIENCE = 60.0  # seconds until other machines' disks show what was written (NFS)


class Ended(NamedTuple):
    """A part that is not started again."""

    why: str
    refused: bool  # what it said is a sentence of bad input


class Watch:
    """Some parts of a plan, until they are done or given up."""

    def __init__(
        self,
        written: Written,
        engine: Engine,
        parts: Iterable[int],
        after: "Watch | None" = None,
    ):
        """`after`: of the plan that trains what this one scores; a part is held while it is there.

        An engine may know of a part that is held.
        """
        self.written, self.engine, self.after = written, engine, after
        named = {run.name: run for run in runs(written.study)}
        self.runs = {i: [named[name] for name in written.parts[i]] for i in parts}
        self.open = set(self.runs)
        self.held = self.open & after.open if after else set()
        self.states: dict[int, str] = {}
        self.ended: dict[int, Ended] = {}
        self.deaths = dict.fromkeys(self.open, 0)
        self.marks = {i: self._mark(i) for i in self.open}  # when they were last started
        self.gone: dict[int, float] = {}  # parts that the engine has no more: since when
        self.closed: dict[int, dict] = {}  # records of those that are done

    def missing(self, index: int) -> list[str]:
        """The runs of a part that are not finished."""
        metrics, folder = self.written.study.metrics, self.written.folder
        over = stages.trained if self.written.does == TRAIN else stages.over
        return [run.name for run in self.runs[index] if not over(folder / run.name, metrics)]

    def look(self) -> list[int]:
        """Asks the engine; returns the parts that are to be started again."""
        self.states = self.engine.states(self.written)
        return [i for i in sorted(self.open - self.held) if not self._has(i) and self._lost(i)]

    def due(self) -> list[int]:
        """The parts that are held no longer, and that the engine has not yet; after `look`."""
        free = sorted(self.held - self.after.open) if self.after else []
        self.held -= set(free)
        for index in free:
            if self.after and (ended := self.after.ended.get(index)):
                self._end(index, f"it was not trained: {ended.why}")
            elif not self.missing(index):  # an engine that knew of it was faster
                self.open.discard(index)
        return [i for i in free if i in self.open and not self._has(i)]

    def _has(self, index: int) -> bool:
        return self.states.get(index) in (WAITING, RUNNING)

    def start(self, parts: list[int], after: Written | None = None) -> str:
        """Has the engine start these; returns what it calls them. `after`: as there."""
        for index in parts:
            self.marks[index] = self._mark(index)
            self.gone.pop(index, None)
        self.states |= dict.fromkeys(parts, WAITING)
        return self.engine.start(self.written, parts, after)

    def parts(self) -> list[Part]:
        """All parts, as they are known now."""
        return [self._part(i) for i in sorted(self.runs)]

    def _part(self, index: int) -> Part:
        told, state = self.written.part(index), forecast.DONE
        if index in self.open:
            state = RUNNING if self.states.get(index) == RUNNING else WAITING
        elif index in self.ended:
            state = forecast.ENDED
        elif index not in self.closed:
            self.closed[index] = record.read(told)
        known = self.closed[index] if state == forecast.DONE else record.read(told)
        return Part(len(self.runs[index]), state, known, self.written.does)

    def _lost(self, index: int) -> bool:
        """Whether a part that the engine has no more is to be started again."""
        since = self.gone.setdefault(index, time.monotonic())
        if not self.missing(index):
            self.open.discard(index)
            return False
        state = self.states.get(index)
        told = record.read(self.written.part(index))
        known = told.get("state")
        if known == record.REFUSED:
            return self._end(index, told["why"], True)
        if known == record.ENDED:
            return self._end(index, told["why"])
        if state == CANCELLED:
            return self._end(index, "it was cancelled; the same command starts it again")
        late = state is None or known == record.DONE  # its files may still be on their way
        if late and time.monotonic() - since < PATIENCE:
            return False
        moved = self._mark(index) != self.marks[index]
        self.deaths[index] = 0 if moved else self.deaths[index] + 1
        if self.deaths[index] >= record.DEATHS:
            if not told:
                return self._end(
                    index, f"no machine wrote to {self.written.part(index)}: {SEEN}", True
                )
            why = told.get("why") or f"the engine says {state or 'nothing'} of it"
            times = f"{record.DEATHS} times without a new checkpoint"
            return self._end(index, f"it died {times} ({why})")
        return True

    def _end(self, index: int, why: str, refused: bool = False) -> bool:
        self.open.discard(index)
        self.ended[index] = Ended(why, refused)
        return False

    def _mark(self, index: int) -> list[int]:
        return record.mark(self.written.folder, self.written.parts[index])
