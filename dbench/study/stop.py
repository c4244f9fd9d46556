"""Whether this process was asked to end: what trains then saves a checkpoint first, and ends."""

import contextlib
import signal
import threading
from collections.abc import Iterator

_came: list[int] = []  # signals


class Stopped(Exception):
    """What was asked to end has saved what it trains, and ends."""

    def __init__(self, number: int):
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.signal = number


@contextlib.contextmanager
def watching(*numbers: int) -> Iterator[None]:
    """Inside, these signals no longer end the process at once: `check` does, where it is called."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main one's
        yield
        return
    before = {number: signal.signal(number, lambda n, _: _came.append(n)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _came.clear()


def asked() -> bool:
    """Whether a signal came that asks to end."""
    return bool(_came)


def check() -> None:
    """Raises Stopped if a signal came. Called where everything that was done is saved."""
    if _came:
        raise Stopped(_came[0])
