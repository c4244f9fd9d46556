"""The driver of a study over many machines: plans it, has its parts started, collects its table.

It needs no device, and all that it knows is in files: stopped and started again, it looks after the
parts that are at work, and has those started that are missing.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from dbench import environment
from dbench.cluster import forecast, machines, parts, record, written
from dbench.cluster.engine import RUNNING, WAITING, Engine
from dbench.cluster.watch import Watch
from dbench.cluster.written import SCORE, TRAIN, Written
from dbench.data.views import coverage
from dbench.errors import InputError
from dbench.study import bases, handed, held, ledger, runner
from dbench.study.collect import Meanwhile, collect, scales
from dbench.study.plan import Plan, plan
from dbench.study.run import Run
from dbench.study.study import Study, runs

SAY_EVERY = 30.0  # seconds
SAID = {None: "", TRAIN: ", to train", SCORE: ", to score"}


class Given(NamedTuple):
    """What a command says of the work."""

    source: Path | None = None  # as in `dbench.data`
    most: int = parts.MOST  # runs of a part
    at_once: int | None = None  # runs that train together
    wait: bool = True  # until all is done, else only until all is begun
    keep_states: bool = False  # what training goes on from, also of runs that are scored
    apart: bool = False  # parts that train, and others that score what these have trained


@environment.fixed()
def drive(
    study: Study, path: Path, engine: Engine, given: Given, say: Callable[[str], None]
) -> dict[str, str] | None:
    """Does what is still to do of a study below the results folder `path`, by an engine.

    Returns the runs that failed, and those that were given up with their part: name -> reason.
    None if nobody waits for the end.
    """
    folder, began = path / runner.named(study), time.time()
    runner.refuse_others(folder, study)
    scales(folder, study)
    todo = plan(folder, study, given.source)
    bases.require(path, study, lambda name: todo.datasets[name])
    said = [s for dataset in todo.datasets.values() for s in coverage.sentences(dataset)]
    for sentence in dict.fromkeys([*todo.notes, *said]):
        say(f"warning: {sentence}")
    busy = f"another driver of this study is at work in {folder}: wait for it, or stop it"
    with held.together(folder) as locks, held.one(folder / held.PARTS / held.DRIVER, busy):
        if not locks:
            say(f"warning: the file system of {folder} has no locks: start nothing else there")
        watches = _begun(todo, engine, given, say)
        if watches and not given.wait:
            say(_text(watches, len(runs(study))))
            say("the same command says how far it is, and writes the table when all is done")
            return None
        try:
            _wait(watches, engine, len(runs(study)), say)
        except KeyboardInterrupt:
            if left := engine.left([watch.written for watch in watches if watch.open]):
                say(left)
            raise
        return _collected(todo, watches, began, given.source, say)


def _begun(todo: Plan, engine: Engine, given: Given, say: Callable[[str], None]) -> list[Watch]:
    """The plans at work: those that an earlier driver began, and a new one of what they lack."""
    watches = _at_work(todo, engine)
    covered = {name for watch in watches for i in watch.open for name in watch.written.parts[i]}
    if watches:
        count = sum(len(watch.open) for watch in watches)
        say(f"parts of an earlier command are at work: {count:,}")
    if rest := [run for run in todo.todo if run.name not in covered]:
        new = [
            (parts.cut(some, todo.datasets, given.most), kinds)
            for some, kinds in _kinds(todo, rest, given.apart)
        ]
        for cut, kinds in new:
            for does in kinds:
                engine.check(len(cut), does)
        for cut, kinds in new:
            _start(todo, cut, kinds, engine, given, watches, say)
    return watches


def _kinds(
    todo: Plan, rest: list[Run], apart: bool
) -> Iterator[tuple[list[Run], tuple[str | None, ...]]]:
    """Runs that are not at work, and what their plans do, one after the other."""
    if not apart:
        yield rest, (None,)
        return
    there = {run.name for run in rest if handed.there(todo.folder / run.name)}
    if some := [run for run in rest if run.name not in there]:
        yield some, (TRAIN, SCORE)
    if some := [run for run in rest if run.name in there]:
        yield some, (SCORE,)


def _start(
    todo: Plan,
    cut: list[list[Run]],
    kinds: tuple[str | None, ...],
    engine: Engine,
    given: Given,
    watches: list[Watch],
    say: Callable[[str], None],
) -> None:
    """A plan for each of `kinds`, of the same parts, begun as far as the engine takes it."""
    before: Watch | None = None
    text = f"{sum(map(len, cut)):,} runs in {len(cut):,} parts of {given.most} runs at most"
    for does in kinds:
        plan = written.write(
            *(todo.folder, todo.study, cut, todo.datasets),
            *(given.source, given.at_once, given.keep_states),
            *(does, before.written.number if before else None),
        )
        watch = Watch(plan, engine, range(len(cut)), before)
        if before is None or engine.ahead:
            try:
                name = watch.start(list(watch.runs), before.written if before else None)
            except InputError as error:
                shutil.rmtree(plan.path.parent)  # of which nobody knows
                if before is None:
                    raise
                left = engine.left([before.written])
                raise InputError(f"{error}; {left}") from error
            ledger.begin(todo.folder / "study.json", todo.study)
            say(f"{name}: {text}{SAID[does]}")
        watches.append(watch)
        before = watch


def _at_work(todo: Plan, engine: Engine) -> list[Watch]:
    """The plans of which the engine has parts, which alone are looked after."""
    found: dict[int | None, Watch] = {}
    for old in written.plans(todo.folder, todo.study.scale):
        states = engine.states(old)
        alive = {i for i, state in states.items() if state in (WAITING, RUNNING)}
        _refuse_strangers(old, alive)
        after = found.get(old.follows)
        if after:
            alive |= after.open
        if not alive:
            continue
        if written.settings(old.study) != written.settings(todo.study):
            raise InputError(
                f"parts of {old.path} are at work with other settings of the study: wait for "
                f"them, or end them ({engine.left([old])})"
            )
        found[old.number] = Watch(old, engine, alive, after)
        found[old.number].states = states
    return [*found.values()]


def _refuse_strangers(plan: Written, known: set[int]) -> None:
    """An InputError if a part is at work that the engine does not know: of another engine.

    Or of a command that has just ended. A new part would train the same runs.
    """
    for index in set(range(len(plan.parts))) - known:
        if held.busy(plan.part(index), record.LOCK):
            at = record.read(plan.part(index)).get("attempts", [])[-1:]
            where = "".join(f" (process {each['pid']} on {each['host']})" for each in at)
            raise InputError(
                f"part {index} of {plan.path} is at work, and not by what --on says: wait for it, "
                f"or end it{where}"
            )


def _wait(watches: list[Watch], engine: Engine, total: int, say: Callable[[str], None]) -> None:
    """Until every part is done or given up; what died is started again. `total`: runs of all."""
    said, meanwhile = -SAY_EVERY, Meanwhile()
    while True:
        for watch in watches:
            if again := watch.look():
                name = watch.start(again)
                say(f"{name}: parts again, which had ended before they were done: {len(again):,}")
            if due := watch.due():
                name = watch.start(due)
                say(f"{name}: parts that are trained, to score: {len(due):,}")
        if not any(watch.open for watch in watches):
            return
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            say(_text(watches, total))
        meanwhile.write(watches[0].written.folder, watches[0].written.study)
        time.sleep(engine.pause)


def _text(watches: list[Watch], total: int) -> str:
    return forecast.text([part for watch in watches for part in watch.parts()], total)


def _collected(
    todo: Plan,
    watches: list[Watch],
    began: float,
    source: Path | None,
    say: Callable[[str], None],
) -> dict[str, str]:
    """The table of what is done; an InputError if a part was refused."""
    folder, study, told = todo.folder, todo.study, todo.folder / "study.json"
    lost: dict[str, str] = {}
    for watch in watches:  # that of who trains comes first
        for i, ended in watch.ended.items():
            lost = dict.fromkeys(watch.missing(i), f"{ended.why}; {_log(watch, i)}") | lost
    failed = collect(folder, study, say, set(lost)) | lost
    plans = written.plans(folder, study.scale)
    known = machines.records(plans)
    if kinds := machines.several(plans):
        say(
            f"warning: parts ran on several kinds of processors ({', '.join(kinds)}), whose "
            "numbers differ in their last digits"
        )
    if todo.todo or not ledger.recorded(told, study):
        since = ledger.finished(told, study)
        seconds = {"all": time.time() - began} | machines.seconds(known, since)
        ledger.record(told, study, seconds, source, machines.hosts(known))
    for watch in watches:
        for i, ended in watch.ended.items():
            if ended.refused:
                raise InputError(f"{ended.why} (part {i}; {_log(watch, i)})")
    return failed


def _log(watch: Watch, index: int) -> str:
    return f"see {watch.written.part(index) / record.LOG}"
