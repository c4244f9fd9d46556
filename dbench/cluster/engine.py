"""What the driver asks of an engine: to start parts, and what became of them."""

from typing import Protocol

from dbench.cluster.written import Written

WAITING, RUNNING = "waiting", "running"  # of a part that the engine has
CANCELLED = "cancelled"  # by a person: not to be started again


class Engine(Protocol):
    """Slurm, Ray, ..."""

    name: str
    pause: float  # seconds between two looks
    ahead: bool  # whether it takes parts that are to start when those of another plan are done

    def check(self, plan_parts: int, does: str | None = None) -> None:
        """An InputError if so many parts cannot be started; before anything is written.

        `does`: as of a plan.
        """

    def start(self, written: Written, parts: list[int], after: Written | None = None) -> str:
        """Has parts of a plan started, also again; returns what it calls them: "array 4711".

        `after`: where it is `ahead`, each when the same part of this plan is done.
        """

    def states(self, written: Written) -> dict[int, str]:
        """WAITING, RUNNING, CANCELLED, or how the engine says that a part ended ("failed").

        A part that the engine does not know (any more) is left out.
        """

    def left(self, written: list[Written]) -> str:
        """What to tell who leaves the driver while parts are at work; "" if they end with it."""
