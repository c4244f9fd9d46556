"""The command line: a file a command, `options.py` and `outputs.py` for what they share.

In: words of a shell. Out: exit code 0, 1 (runs failed) or 2 (bad input, in one sentence).
"""

from dbench.cli.commands import main

__all__ = ["main"]
