"""Tables from files: columns by name, labels, continuous factors, and a sentence for each fault."""

import numpy as np
import pandas as pd
import pytest

from dbench.codes import from_file
from dbench.errors import InputError
from dbench.metrics.shared.validate import check

RNG = np.random.default_rng(0)
CODES = RNG.standard_normal((12, 11))
FACTORS = np.stack([np.arange(12) % 3, np.arange(12) // 3], 1)


def columns(**changes):
    """A frame of 11 codes in an order of its own, log variances, two factors and a text."""
    order = [10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9]
    frame = {f"mean_{j}": CODES[:, j] for j in order}
    frame |= {f"logvar_{j}": CODES[:, j] - 3 for j in range(11)}
    frame |= {"factor_shape": [["ball", "cube", "cone"][i] for i in FACTORS[:, 0]]}
    frame |= {"factor_size": FACTORS[:, 1], "note": ["x"] * 12, **changes}
    return pd.DataFrame({name: values for name, values in frame.items() if values is not None})


@pytest.fixture(params=["csv", "parquet"])
def write(request, tmp_path):
    def write(frame):
        path = tmp_path / f"codes.{request.param}"
        frame.to_csv(path, index=False) if request.param == "csv" else frame.to_parquet(path)
        return path

    return write


@pytest.fixture
def csv(tmp_path):
    def write(content):
        path = tmp_path / "codes.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(said, *arguments, **options):
    with pytest.raises(InputError, match=said) as caught:
        check(from_file.read(*arguments, **options))
    assert "\n" not in str(caught.value)


def test_default_columns_in_natural_order_every_digit_kept(write):
    table = from_file.read(write(columns()))
    check(table)
    assert (table.mean == CODES).all() and (table.logvar == CODES - 3).all()
    assert table.names == ("shape", "size") and table.values is None
    assert (table.factors[:, 0] == np.array([0, 2, 1])[FACTORS[:, 0]]).all()  # ball, cone, cube
    assert (table.factors[:, 1] == FACTORS[:, 1]).all() and table.factors.dtype.kind == "i"


def test_chosen_columns(write):
    path = write(columns())
    table = from_file.read(path, codes=["mean_7", "mean_[12]"], factors=["factor_size"])
    assert (table.mean == CODES[:, [7, 1, 2]]).all()
    assert (table.logvar == table.mean - 3).all()  # those of the codes, in their order
    assert table.names == ("size",)
    assert from_file.read(path, logvars=[""]).logvar is None
    assert from_file.read(path, factors=["note", "factor_*"]).names == (
        "note",
        "shape",
        "size",
    )


def test_codes_named_z(write):
    frame = columns().rename(columns=lambda name: name.replace("mean_", "z"))
    table = from_file.read(write(frame.assign(zoom=1)))
    assert (table.mean == CODES).all() and (table.logvar == CODES - 3).all()


def test_labels_of_every_kind(write):
    frame = columns(factor_a=[True, False] * 6, factor_b=FACTORS[:, 0] * 2.0)
    frame["factor_c"] = pd.Categorical(["x", "y", "z"] * 4, categories=["z", "y", "x"])
    table = from_file.read(write(frame))
    assert table.names == ("shape", "size", "a", "b", "c")
    assert (table.factors[:, 2] == [1, 0] * 6).all()
    assert (table.factors[:, 3] == FACTORS[:, 0] * 2).all()  # integers that pandas made floats
    assert (table.factors[:, 4] == [0, 1, 2] * 4).all()


@pytest.mark.parametrize("which", ["x", "factor_x", "2"])
def test_continuous_factors(write, which):
    x = np.linspace(-1, 1, 12)
    table = from_file.read(write(columns(factor_x=x)), continuous=[which])
    assert table.continuous == ("x",) and (table.values[:, 2] == x).all()
    assert table.factors[0, 2] == 0 and table.factors[-1, 2] == 19
    assert (table.factors[:, 1] == FACTORS[:, 1]).all()


@pytest.mark.parametrize("which", ["size", "factor_size", "1"])
def test_cyclic_factors(write, which):
    table = from_file.read(write(columns()), cyclic=[which])
    assert table.cyclic == ("size",) and (table.factors[:, 1] == FACTORS[:, 1]).all()
    refused("unknown factor 'sze' .*did you mean 'size'", write(columns()), cyclic=["sze"])


def test_mistaken_choices(write):
    path = write(columns())
    refused(
        r"no column is named 'mean_x'.*mean_10, mean_2.*did you mean 'mean_", path, codes=["mean_x"]
    )
    refused(r"no column is named 'q\*' .*\(25\)\); choose with --factors", path, factors=["q*"])
    refused("--codes names no column", path, codes=[""])
    refused("'note' holds .*, not numbers", path, codes=["mean_0", "note"], logvars=[""])
    refused("'factor_shape' is taken as a code and as a factor", path, codes=["*"])
    refused(r"11 code columns .* and 2 of log variances \(logvar_0, logvar_1\)", path,
            logvars=["logvar_0", "logvar_1"])  # fmt: skip
    refused("unknown factor 'sze' .*did you mean 'size'", path, continuous=["sze"])
    refused("there is no factor 2: the table has 2", path, continuous=["2"])
    refused("'shape' is declared continuous and holds", path, continuous=["shape"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"factor_size": [None, None, *range(10)]},
            "'size' lacks a value in 2 of 12 rows, the first in row 0: remove .* missing values",
        ),
        (
            {"factor_shape": ["a", ""] * 6},
            "'shape' lacks a value in 6 of 12 rows, the first in row 1: remove .* missing values",
        ),
        ({"mean_3": [np.nan] + [1.0] * 11}, "'mean_3' lacks a value in 1 of 12 rows"),
        ({"logvar_3": [np.nan] + [1.0] * 11}, "'logvar_3' lacks a value"),
        ({"factor_size": [0.5] * 6 + [1] * 6}, "'size' has values that .*--continuous size"),
        ({"factor_size": [np.inf] * 6 + [1] * 6}, "the factor 'size' is infinite in row 0"),
        ({"factor_size": [3] * 12}, "'size' has the same value in all 12 rows"),
        ({"mean_3": ["1,5"] * 12}, "'mean_3' holds .*, not numbers"),
        ({"mean_3": [np.inf] * 12}, "mean of code 3 is NaN or infinite"),
        ({"logvar_3": None}, "'mean_3' has no 'logvar_3' .*--logvars '' for none"),
        ({f"mean_{j}": None for j in range(11)}, r"no column is named mean_\* or z0.*--codes"),
        ({"factor_size": None, "factor_shape": None}, r"no column is named 'factor_\*'"),
    ],
)
def test_faults_in_columns(write, changes, said):
    refused(said, write(columns(**changes)))


def test_no_rows(write):
    refused("has no rows", write(columns()[:0]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "cannot read .*codes.csv as .csv"),
        (b"\x89PNG\x00\xff\xfe", "cannot read .*codes.csv as .csv"),
        ("a;b\n1;2\n", "its columns are separated by semicolons: save it with commas"),
        ("0.5,1e-3,2\n0.25,1,0\n", "its first line has numbers: it must have the names"),
        (b"mean_0,factor_a\n1,\xe9\n", "it is no text in UTF-8: byte 0xe9; save it as UTF-8"),
        ("mean_0,mean_0,factor_a\n1,2,3\n", "two columns are named 'mean_0'"),
        ("mean_0,mean_1,factor_a\n1,2,3\n1,2,3,4\n", "cannot read"),
        ("mean_0,mean_1,factor_a\n7,1,2,3\n8,1,2,3\n", "cannot read"),  # row names, as R writes
        ("mean_0,mean_1,factor_a\n1,2,3\n1,2\n", "the factor 'a' lacks a value in 1 of 2 rows"),
    ],
)
def test_damaged_csv(csv, content, said):
    refused(said, csv(content))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1"])
def test_damaged_parquet(tmp_path, content):
    (tmp_path / "codes.parquet").write_bytes(content)
    refused("cannot read .*codes.parquet as .parquet", tmp_path / "codes.parquet")


def test_files_that_are_not_there_or_of_no_kind(tmp_path):
    for end in (".csv", ".parquet", ".npz"):
        refused("there is no file", tmp_path / f"none{end}")
        (tmp_path / f"folder{end}").mkdir()
        refused("cannot read", tmp_path / f"folder{end}")
    refused("must end in one of .npz, .csv, .parquet", tmp_path / "codes.xlsx")


@pytest.fixture
def npz(tmp_path):
    def write(**changes):
        arrays = {"mean": CODES, "factors": FACTORS, "factor_names": ["a", "b"], **changes}
        np.savez(tmp_path / "codes.npz", **arrays)
        return tmp_path / "codes.npz"

    return write


def test_continuous_factors_of_an_npz(npz):
    factors = FACTORS * [1, 0.1]
    for which in ("b", "1", 1):
        table = from_file.read(npz(factors=factors), continuous=[which])
        check(table)
        assert table.continuous == ("b",) and (table.values == factors).all()
        assert (table.factors[:, 0] == FACTORS[:, 0]).all()
    refused("'b' has values that are no integers .*--continuous b", npz(factors=factors))
    refused("'b' has values that are no integers", npz(factors=factors), continuous=["a"])
    refused("unknown factor 'c'", npz(factors=factors), continuous=["c"])
    refused("no factor -1: the table has 2", npz(factors=factors), continuous=[-1])
    gap = np.where(factors == 0.1, np.nan, factors)
    refused(
        "'b' is declared continuous and lacks a value in 3 of 12 rows",
        npz(factors=gap),
        continuous=["b"],
    )


@pytest.mark.parametrize(
    "changes", [{"factors": 5.0}, {"factors": np.zeros((3, 2))}, {"factor_names": ["a"]}]
)
def test_misshapen_npz_with_continuous_factors(npz, changes):
    refused("must be|must agree|names are given", npz(**changes), continuous=["a"])


def test_mistakes_with_an_npz(npz):
    refused("--codes names columns, and an .npz has none", npz(), codes=["mean_0"])
    refused("has a name twice: a, a", npz(factor_names=["a", "a"]))


def test_lists_are_no_factor_values(tmp_path):
    frame = pd.DataFrame({"mean_0": [0.0, 1.0], "mean_1": [1.0, 0.0], "factor_a": [[1], [2]]})
    frame.to_parquet(tmp_path / "lists.parquet")
    with pytest.raises(InputError, match="the factor 'a' holds lists"):
        from_file.read(tmp_path / "lists.parquet")


def test_columns_that_share_a_name_before_a_slash_are_a_group(write):
    renamed = {f"mean_{j}": f"mean_pose/{j}" for j in (0, 2, 10)} | {"mean_1": "mean_id/0"}
    renamed |= {
        old.replace("mean", "logvar"): new.replace("mean", "logvar") for old, new in renamed.items()
    }
    path = write(columns().rename(columns=renamed))
    table = from_file.read(path)
    known = dict(table.groups)
    assert {name: len(codes) for name, codes in known.items()} == {"pose": 3, "id": 1}
    assert (table.mean[:, known["pose"]] == CODES[:, [0, 2, 10]]).all()
    assert from_file.read(path, groups=[""]).groups == ()
    assert dict(from_file.read(path, groups=["p=mean_pose/*", "0-1"]).groups)["p"] == known["pose"]


def test_groups_of_an_npz(tmp_path):
    path, names = tmp_path / "codes.npz", ["a"] * 4 + [""] * 5 + ["b"] * 2
    np.savez(path, mean=CODES, factors=FACTORS, code_groups=names)
    assert from_file.read(path).groups == (("a", (0, 1, 2, 3)), ("b", (9, 10)))
    assert from_file.read(path, groups=["c=3", "4-6"]).groups == (("c", (3,)), ("4-6", (4, 5, 6)))
    np.savez(path, mean=CODES, factors=FACTORS, code_groups=names[1:])
    refused("'code_groups' of .* must be 11 names, that of each code's group or ''", path)
    np.savez(path, mean=CODES, factors=FACTORS)
    for groups, said in {
        ("a=0-3", "b=3-4"): "code 3 is in the groups 'a' and 'b'",
        ("a=5-3",): "the group 'a' has no codes",
        ("a=9-11",): "the group 'a' has a code 11, and codes are numbered 0 to 10",
        ("a=mean_*",): "--groups 'mean_.' names no codes: give their numbers, as 0-9",
        ("a=0", "a=1"): "--groups has two groups called 'a'",
    }.items():
        refused(said, path, groups=list(groups))
