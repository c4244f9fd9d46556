"""Codes from any framework, read from a file: .npz, or .csv and .parquet with named columns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from dbench.base import Table
from dbench.errors import InputError, some
from dbench.inputs import code_groups, columns, npz
from dbench.metrics.shared import labels, tables
from dbench.metrics.shared.validate import factor_names

GROUPS = "code_groups"
SMALL = 2**20  # bytes of what a file says of itself


def read(
    path: str | Path,
    *,
    codes: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    logvars: Sequence[str] | None = None,
    continuous: Sequence[str | int] = (),
    cyclic: Sequence[str | int] = (),
    groups: Sequence[str] | None = None,
) -> Table:
    """The table in a file, by its suffix.

    `codes`, `factors` and `logvars` are names or wildcards of the columns of a .csv or .parquet
    (see `columns.read`); `continuous` are names or numbers of factors that are numbers rather than
    labels (see `tables.table`), `cyclic` of those whose last value is followed by the first.
    `groups` of codes are as in `inputs.code_groups`; by default what the file says of them, and
    [""] for none.
    """
    path = Path(path)
    if path.suffix in columns.SUFFIXES:
        return turning(columns.read(path, codes, factors, logvars, continuous, groups), cyclic)
    if path.suffix != ".npz":
        kinds = ", ".join([".npz", *columns.SUFFIXES])
        raise InputError(f"cannot tell what {path} is: its name must end in one of {kinds}")
    for option, chosen in (("codes", codes), ("factors", factors), ("logvars", logvars)):
        if chosen is not None:
            raise InputError(
                f"--{option} names columns, and an .npz has none: its arrays are mean, factors and "
                "logvar"
            )
    return read_npz(path, continuous, cyclic, groups)


def turning(table: Table, cyclic: Sequence[str | int]) -> Table:
    """The table with these factors, by name or number, as its cyclic ones; as it is for none."""
    if not cyclic:
        return table
    names = factor_names(table)
    chosen = {tables.column(columns.which(c, names), names, len(names)) for c in cyclic}
    return table._replace(cyclic=tuple(names[j] for j in sorted(chosen)))


def read_npz(
    path: Path,
    continuous: Sequence[str | int] = (),
    cyclic: Sequence[str | int] = (),
    groups: Sequence[str] | None = None,
) -> Table:
    """A table from an .npz: mean [n, d], factors [n, k], optional logvar [n, d], factor_names (k,),
    code_groups (d,), the name of each code's group or "".

    A factor's values are as in `metrics.shared.labels`, or numbers where it is declared continuous,
    here or in a file of `to_file`; likewise cyclic. Other arrays are ignored; nothing is unpickled.
    """
    with reading(path), npz.opened(path) as archive:
        mean, factors = (_array(archive, path, name) for name in ("mean", "factors"))
        logvar, named = (
            _array(archive, path, name) if name in archive.names else None
            for name in ("logvar", "factor_names")
        )
        own, turns = (_texts(archive, name) for name in ("continuous", "cyclic"))
        grouped = _array(archive, path, GROUPS) if GROUPS in archive.names else None
    mean = _real(mean, path, "mean")
    logvar = None if logvar is None else _real(logvar, path, "logvar")
    names = _names(named, path)
    # Of another file they may be arrays of something else.
    own, turns = (found if set(found) <= set(names or ()) else [] for found in (own, turns))
    chosen = [columns.which(c, names or ()) for c in continuous or own]
    table = turning(tables.table(mean, factors, logvar, names, chosen), cyclic or turns)
    count = table.mean.shape[-1] if table.mean.ndim else 0
    if groups is not None:
        return table._replace(groups=code_groups.chosen(groups, count))
    if grouped is None:
        return table
    where = f"the array {GROUPS!r} of {path}"
    return table._replace(groups=code_groups.listed(grouped, where, count))


def origin(path: Path) -> tuple[str, tuple[int, int] | None]:
    """What a file of `to_file` says of its rows: the data set, and if they were drawn, of how many
    and by which seed. Of any other file "" and None."""
    if path.suffix != ".npz":
        return "", None
    with reading(path), npz.opened(path) as archive:
        name, *more = _texts(archive, "dataset") or [""]
        drawn = _plain(archive, "drawn")
        if drawn is None or drawn.dtype != np.int64 or drawn.shape != (2,):
            return "" if more else name, None
        return "" if more else name, (int(drawn[0]), int(drawn[1]))


def _texts(archive: npz.Archive, name: str) -> list[str]:
    """A list of text, as `to_file` writes it; [] where there is none, or something else."""
    found = _plain(archive, name)
    if found is None or found.ndim != 1 or found.dtype.kind != "U":
        return []
    return [str(each) for each in found]


def _plain(archive: npz.Archive, name: str) -> np.ndarray | None:
    """A small array that may be there; None for what is none, or of objects, or large."""
    if name not in archive.names:
        return None
    with suppress(Exception):  # of a file of others it may be anything: it is not asked for
        return archive.read(name) if archive.about(name).nbytes < SMALL else None
    return None


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns whatever a damaged file makes its readers raise into an InputError."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        with path.open("rb") as file:
            if file.read(6) == b"\x93NUMPY":
                raise InputError(
                    f"{path} is a single array, not an .npz with the arrays mean and factors"
                ) from error
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"cannot read {path} as .npz ({why}); write it with numpy.savez"
        ) from error


def _array(archive: npz.Archive, path: Path, name: str) -> np.ndarray:
    if name not in archive.names:
        hint = "[N, D], the codes" if name == "mean" else "[N, K], the factors, or [N, 0] for none"
        raise InputError(
            f"{path} has no array {name!r} (it has: {some(archive.names)}): it must be {hint}"
        )
    try:
        return archive.read(name)
    except InputError:
        raise
    except Exception as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"the array {name!r} of {path} is damaged ({why})") from error


def _names(array: np.ndarray | None, path: Path) -> tuple[str, ...] | None:
    if array is None:
        return None
    if array.ndim != 1 or array.dtype.kind not in "US":
        raise InputError(f"the array 'factor_names' of {path} must be a list of strings")
    names = labels.names(array, f"the array 'factor_names' of {path}")
    if len(set(names)) < len(names):
        raise InputError(f"the array 'factor_names' of {path} has a name twice: {', '.join(names)}")
    return names


def _real(array: np.ndarray, path: Path, name: str) -> np.ndarray:
    return tables.numbers(array, f"the array {name!r} of {path}")
