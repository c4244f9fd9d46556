"""A user's Python function by its name, and the guard around whatever of the user's runs.

All code of a user's runs inside `guard`: an import, a call, and the reading of what it gave, since
an object may do anything where it is looked at. What is plain comes out, what is raised is one
sentence.
"""

import contextlib
import functools
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from dbench import files
from dbench.errors import InputError

_HERE = str(files.PACKAGE) + os.sep  # frames in here are none of the user's
_PYTHON = os.path.dirname(os.__file__) + os.sep  # nor in Python's own library


@contextlib.contextmanager
def guard(where: str, did: str = "raised") -> Iterator[None]:
    """An InputError "`where` `did` ..." for all that code of the user's may raise.

    Also what ends a program, SystemExit above all; only Ctrl-C goes through. The current folder is
    as it was afterwards: paths are from there. So are the streams: sentences go there. What a user
    starts with `os.fork` may end by `os._exit`; this process may not.
    """
    here, streams = os.getcwd(), (sys.stdin, sys.stdout, sys.stderr)
    ending, process = os._exit, os.getpid()

    def end(status: int) -> NoReturn:
        if os.getpid() != process:
            ending(status)
        raise SystemExit(f"os._exit({status})")

    try:
        os._exit = end
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise InputError(f"{where} {did} {said(error)}") from error
    finally:
        os._exit = ending
        os.chdir(here)
        sys.stdin, sys.stdout, sys.stderr = streams


def find(spec: str, role: str = "encoder", example: str = "mymodel:encode") -> Callable:
    """The function `module:function`; the current folder comes first on the path.

    `role` and `example` are for the sentence about a name that is no such thing.
    """
    return load(spec, role, example)[1]


def load(
    spec: str, role: str = "encoder", example: str = "mymodel:encode"
) -> tuple[ModuleType, Callable]:
    """The module, and the function in it."""
    module_name, _, name = spec.partition(":")
    parts = module_name.split(".")
    if not name or not all(part.isidentifier() for part in [*parts, *name.split(".")]):
        raise InputError(
            f"the {role} {spec!r} is not module:function, as {example} is for the function "
            f"{example.split(':')[1]} in {example.split(':')[0]}.py"
        )
    module = _module(module_name)
    with guard(f"looking for {name!r} in {module_name}"):
        function, own = _attribute(module, name), _defines(module, module_name)
    if function is None:
        has = f" (it defines: {', '.join(own[:20])})" if own else ""
        raise InputError(f"the module {module_name} has no {name!r}{has}")
    if not callable(function):
        raise InputError(f"{spec} is no function but of type {kind(function)}")
    return module, function


def _module(name: str) -> ModuleType:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    _check_files(name.split("."))
    importlib.invalidate_caches()  # a file may be newer than what Python knows of the folder
    missing = ""
    with guard(f"importing {name}"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = str(error.name)
            if not f"{name}.".startswith(f"{missing}."):  # one that it imports
                raise
    hint = f"; leave out .py: {name.removesuffix('.py')}" if name.endswith(".py") else ""
    raise InputError(
        f"there is no module {missing!r} in {os.getcwd()} or among installed packages{hint}"
    )


def _check_files(parts: list[str]) -> None:
    """An InputError if a module of the current folder is no file: Python would wait for ever."""
    for i in range(len(parts)):
        place = Path(*parts[: i + 1])
        for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if files.kind(path) is not None:
                files.regular(path)


def _attribute(module: ModuleType, name: str) -> Any:
    try:
        return functools.reduce(getattr, name.split("."), module)
    except AttributeError:
        return None


def _defines(module: ModuleType, name: str) -> list[str]:
    return [k for k, v in vars(module).items() if getattr(v, "__module__", "") == name]


def array(given: Any) -> np.ndarray:
    """An array or tensor of any framework as one of NumPy's own; to be called inside `guard`."""
    for step in ("detach", "cpu"):  # a PyTorch tensor with a gradient, or on a GPU
        if hasattr(given, step):
            given = getattr(given, step)()
    return np.asarray(given)


def kind(given: Any) -> str:
    """The name of a value's type, whatever its class says of it."""
    return type.__getattribute__(type(given), "__name__")


def said(error: BaseException) -> str:
    """Type, text and place (in the user's own files) of an exception, in one line."""
    try:
        text = " ".join(str(error).split())[:300]
    except KeyboardInterrupt:
        raise
    except BaseException:  # its text is code of the user's too
        text = "(it cannot be printed)"
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        f"{os.path.basename(f.filename)}, line {f.lineno}"
        for f in frames
        if not f.filename.startswith((_HERE, _PYTHON, "<")) and "site-packages" not in f.filename
    ]
    place = f" ({own[-1]})" if own else ""
    return kind(error) + (f": {text}" if text else "") + place
