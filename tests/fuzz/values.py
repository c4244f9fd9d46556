"""Values that people, broken files and attackers write where something else is expected."""

import json
import string

from hypothesis import strategies as st

whole = st.sampled_from([0, 1, -1, 2, 7, 64, 2**31, 2**63, -(2**63), 2**64, 10**9, 10**30])
numbers = st.one_of(whole, st.integers(-1000, 1000), st.floats())
names = st.sampled_from(
    ["", "a", "NA", "nan", "None", "=1+1", "../up", "a/b", "mig", "beta_vae", "dsprites_tiny"]
    + ["beta", "seed", "é", "'", '"', "\\", "\n", "x" * 300, "evil:draw", "-1", "1e999", "\x00"]
)
text = st.one_of(names, st.text(max_size=12))
scalars = st.one_of(st.none(), st.booleans(), numbers, text)


def nested(leaves: st.SearchStrategy, keys: st.SearchStrategy = text) -> st.SearchStrategy:
    """Lists and dictionaries of `leaves`, a few levels deep."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)
        ),
        max_leaves=6,
    )


def replaced(value, at: int, new):
    """A JSON value with its part number `at`, counted in depth, replaced by `new`."""
    parts = list(_paths(value))
    path = parts[at % len(parts)]
    if not path:
        return new
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copy


def _paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        yield from _paths(inner, (*path, key))


@st.composite
def damaged(draw, content: bytes) -> bytes:
    """A file that was cut short, had a few bytes changed, or is something else altogether."""
    kind = draw(st.sampled_from(["cut", "changed", "other", "empty"]))
    if kind == "cut":
        return content[: draw(st.integers(0, len(content)))]
    if kind == "changed":
        bytes_ = bytearray(content)
        for _ in range(draw(st.integers(1, 5))):
            bytes_[draw(st.integers(0, len(bytes_) - 1))] = draw(st.integers(0, 255))
        return bytes(bytes_)
    return b"" if kind == "empty" else draw(st.binary(max_size=40))


cells = st.one_of(
    st.sampled_from(["", " ", "NA", "nan", "inf", "-inf", "1e400", "007", "1.0", "True", "=A1"]),
    whole.map(str),
    st.floats().map(str),
    st.text(alphabet=string.printable, max_size=6),
)
