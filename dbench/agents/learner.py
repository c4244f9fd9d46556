"""What an agent is: pure functions of what is seen by row, which trains as one program.

That is a table of codes [n, d], or of images [n, h, w, c] for a `net` that has an encoder.
"""

from collections.abc import Callable
from typing import NamedTuple

from dbench.agents.environments.task import Task


class Learner(NamedTuple):
    """An agent that learns in the source domain of a task, the first one."""

    init: Callable  # (key, codes, start: what its nets begin with, if any) -> state
    update: Callable  # (state, codes, key, progress: 0 to 1) -> state
    policy: Callable  # (state, codes) -> probabilities [n, a] of each action by row
    look: Callable  # (state, codes) -> [n, d]: what its layers get of each row
    updates: int  # that it makes by default


Agent = Callable[..., Learner]  # (task: Task, **options) -> Learner
__all__ = ["Agent", "Learner", "Task"]
