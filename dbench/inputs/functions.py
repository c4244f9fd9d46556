"""A user's Python function by its name, and what it raised in one sentence."""

import functools
import importlib
import os
import sys
import traceback
from collections.abc import Callable

from dbench import files
from dbench.errors import InputError

_HERE = str(files.PACKAGE) + os.sep  # frames in here are none of the user's


def find(spec: str, role: str = "encoder", example: str = "mymodel:encode") -> Callable:
    """The function `module:function`; the current folder comes first on the path.

    `role` and `example` are for the sentence about a name that is no such thing.
    """
    module_name, _, name = spec.partition(":")
    parts = module_name.split(".")
    if not name or not all(part.isidentifier() for part in [*parts, *name.split(".")]):
        raise InputError(
            f"the {role} {spec!r} is not module:function, as {example} is for the function "
            f"{example.split(':')[1]} in {example.split(':')[0]}.py"
        )
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = staying(importlib.import_module)(module_name)
    except (Exception, SystemExit) as error:
        missing = str(getattr(error, "name", "")) if isinstance(error, ModuleNotFoundError) else ""
        if missing and f"{module_name}.".startswith(f"{missing}."):  # not one that it imports
            raise InputError(
                f"there is no module {missing!r} in {os.getcwd()} or among installed packages"
            ) from error
        raise InputError(f"importing {module_name} raised {said(error)}") from error
    try:
        function = functools.reduce(getattr, name.split("."), module)
    except AttributeError as error:
        own = [k for k, v in vars(module).items() if getattr(v, "__module__", "") == module_name]
        has = f" (it defines: {', '.join(own[:20])})" if own else ""
        raise InputError(f"the module {module_name} has no {name!r}{has}") from error
    if not callable(function):
        raise InputError(f"{spec} is no function but of type {type(function).__name__}")
    return staying(function)


def staying(function: Callable) -> Callable:
    """The function, after which the current folder is what it was: paths are from there."""

    def call(*given, **named):
        here = os.getcwd()
        try:
            return function(*given, **named)
        finally:
            os.chdir(here)

    return call


def said(error: BaseException) -> str:
    """Type, text and place (in the user's own files) of an exception, in one line."""
    text = " ".join(str(error).split())[:300]
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        f"{os.path.basename(f.filename)}, line {f.lineno}"
        for f in frames
        if not f.filename.startswith((_HERE, "<")) and "site-packages" not in f.filename
    ]
    place = f" ({own[-1]})" if own else ""
    return type(error).__name__ + (f": {text}" if text else "") + place
