"""What a command finds where it starts: open streams, a folder it stands in, words that are names.

Whatever is wrong with these is one sentence, said before anything is read or written.
"""

import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from os import _exit  # as it is: while code of a user's runs, `os` has another

import click

from dbench import files
from dbench.errors import InputError, short


def prepare(words: Sequence[str]) -> None:
    """Once, before the command; `words` are those after its name."""
    _open_streams()
    try:
        os.getcwd()
    except OSError as error:
        raise InputError(
            "the current folder is not there any more: go to another one (cd) and run it again"
        ) from error
    for word in words:
        _check(word)
    # Figures are drawn to files alone: a backend for windows may be set, and not be there.
    os.environ["MPLBACKEND"] = "agg"


GOES_ON = "; a study goes on from its last checkpoint when given again"
_studying = False  # whether the command is one that trains a study


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Ctrl-C ends the command at once, wherever it is; what is half-written goes.

    As an exception it would come up in the middle of a library, or of code of the user's, which
    make another one of it. A study has more to write down: see `going_on`.
    """
    global _studying
    _studying = False
    if threading.current_thread() is not threading.main_thread():  # signals are the main one's
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def going_on() -> None:
    """From now on Ctrl-C is a KeyboardInterrupt: what works writes down how far it came."""
    global _studying
    _studying = True
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupted() -> None:
    """Ends after a KeyboardInterrupt. Only a study can promise to go on."""
    stop(GOES_ON if _studying else "")


def stop(more: str = "", code: int = 130) -> None:
    """Says so and ends. Not by sys.exit: threads may be in the middle of what nobody waits for."""
    files.forget()
    click.echo(f"\nstopped{more}", err=True)
    _exit(code)


def _open_streams() -> None:
    """Streams that were closed (2>&-) are open to nothing.

    Python has None in their place, which breaks progress bars, and the next file that is opened
    would get the number of stderr, and what libraries write there.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the least number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w" if number else "r"))  # noqa: SIM115


def _check(word: str) -> None:
    """An InputError for what is no text, or a path that goes round in a circle of links."""
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{short(word)} is not UTF-8: rename the file or folder, or write it as text"
        ) from error
    value = word.partition("=")[2] if word.startswith("--") else word
    for path in {value, value.rpartition("@")[0]} - {""}:
        try:
            os.stat(path)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise InputError(f"{short(path)} goes round in a circle of links") from error
        except ValueError:  # a NUL: no path
            raise InputError(f"{short(word)} holds a NUL") from None


def told(error: OSError) -> str:
    """A sentence about a file that could not be read or written."""
    why, where = error.strerror or str(error), error.filename
    return f"{short(str(where))}: {why}" if where is not None else f"reading or writing: {why}"
