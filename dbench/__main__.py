"""python -m dbench"""

import os
import signal
import sys
from os import _exit  # as it is, see `inputs.functions.guard`


def run() -> None:
    """The command line; no file of the current folder may pass for a library by its name.

    `python -m` puts that folder first on the path. A user's own functions are found in it all the
    same, see `inputs.functions`.
    """
    signal.signal(signal.SIGINT, _stopped)  # a library would make an ImportError of Ctrl-C
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    here = _here()
    if not sys.flags.safe_path and sys.path[:1] == [here]:
        sys.path.pop(0)
        if here == own:  # a checkout that is not installed
            sys.path.append(own)
    from dbench.cli.commands import main

    main()


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return ""


def _stopped(*_) -> None:
    os.write(2, b"\nstopped\n")
    _exit(130)


if __name__ == "__main__":
    run()
