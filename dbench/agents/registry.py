"""All agents and environments by name.

To add an agent: a file with `(task, **options) -> Learner`, a line here; its scores are made in
scoring/transfer.py, and have a line in scoring/registry.py and in tables/directions.py.
"""

from dbench.agents.a2c import a2c
from dbench.agents.dqn import dqn
from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.agents.episodic_control import episodic_control
from dbench.agents.learner import Agent

AGENTS: dict[str, Agent] = {"a2c": a2c, "dqn": dqn, "episodic_control": episodic_control}
ENVIRONMENTS = {"seek_avoid": seek_avoid}
