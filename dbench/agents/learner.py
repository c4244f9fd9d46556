"""What an agent is: pure functions of a table of codes [n, d], which trains as one program."""

from collections.abc import Callable
from typing import NamedTuple

from dbench.agents.environments.task import Task


class Learner(NamedTuple):
    """An agent that learns in the source domain of a task, the first one."""

    init: Callable  # (key, codes) -> state
    update: Callable  # (state, codes, key, progress: 0 to 1) -> state
    policy: Callable  # (state, codes) -> probabilities [n, a] of each action by row
    updates: int  # that it makes by default


Agent = Callable[..., Learner]  # (task: Task, **options) -> Learner
__all__ = ["Agent", "Learner", "Task"]
