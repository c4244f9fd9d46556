"""Runs commands and a little Python in a process that lacks libraries of extras.

    python light_commands.py '{"without": ["flax"], "commands": ["list"], "rooms": ["models"]}'

prints [exit code, stdout, stderr] of each, as JSON.

It is a program of its own: what is imported once stays, and the tests have imported everything.
"""

import contextlib
import io
import json
import pydoc
import sys


def run(words: list[str]) -> tuple[int, str, str]:
    from dbench.cli import commands

    sys.argv, code = ["dbench", *words], 0
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out) as err:
        err = sys.stderr = io.StringIO()
        try:
            commands.main()
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException as error:  # a traceback, which no user should see
            code, _ = -1, err.write(f"{type(error).__name__}: {error}")
    return code, out.getvalue(), err.getvalue()


def room(name: str) -> tuple[int, str, str]:
    """The room imported, in Python."""
    try:
        if name == "help":  # of the package, which looks at every room that it lists
            return 0, pydoc.render_doc(__import__("dbench")), ""
        __import__(f"dbench.{name}")
    except ImportError as error:
        return 2, "", f"{type(error).__name__}: {error}"
    return 0, "", ""


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    for library in given["without"]:
        sys.modules[library] = None  # type: ignore[assignment]  # as Python says: it is not there
    found = {line: run(line.split()) for line in given["commands"]}
    found |= {name: room(name) for name in given["rooms"]}
    print(json.dumps(found))
