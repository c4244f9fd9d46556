"""What the light installation leaves out, and the sentence that names the extra that has it.

`pip install .` is enough to score: metrics, tables, comparisons, claims, codes and data. What only
trains or draws is in extras (pyproject.toml), and imported where it is used.
"""

import contextlib
import importlib.util
from collections.abc import Iterator

from dbench.errors import InputError

OF = {  # a library, as it is imported -> the extra that installs it
    "altair": "report",
    "array_record": "studies",
    "flax": "studies",
    "gymnasium": "agents",
    "jinja2": "report",
    "matplotlib": "report",
    "mlxtend": "studies",
    "optax": "studies",
    "pyarrow": "parquet",
    "ray": "ray",
    "tensorflow_datasets": "studies",
    "vl_convert": "report",
}


class Missing(InputError, ImportError):
    """An extra that is not installed. Also an ImportError, for Python's own way of asking."""


def missing(library: str) -> Missing:
    """The sentence about one of these libraries."""
    extra = OF[library]
    return Missing(
        f"this needs {library}, which the light installation leaves out: add it with "
        f"pip install 'dbench[{extra}]'"
    )


def need(*libraries: str) -> None:
    """Raise Missing unless all of these are installed; none is imported."""
    for library in libraries:
        if importlib.util.find_spec(library) is None:
            raise missing(library)


@contextlib.contextmanager
def said() -> Iterator[None]:
    """An import in here that fails for want of one of these is that sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in OF:
            raise
        raise missing(library) from None
