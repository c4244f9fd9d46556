"""A sentence is one line, of some length, that no terminal carries out."""

import pytest

from dbench.errors import MOST, InputError, choose, some


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("a\nb", "a b"),
        ("\x1b[31mred", r"\x1b[31mred"),  # else the rest of the screen would be red
        ("a\rb", r"a\rb"),
        ("a\u202eb", r"a\u202eb"),  # else the rest would stand from right to left
        ("a\u2028b", r"a\u2028b"),
        ("é ± 日本", "é ± 日本"),
    ],
)
def test_names_with_control_characters(given, said):
    assert str(InputError(given)) == said


def test_a_long_sentence_keeps_its_beginning_and_its_end():
    said = str(InputError("begin " + "x" * 10**6 + " end"))
    assert said.startswith("begin xxx") and said.endswith("xxx end") and len(said) <= MOST + 5


def test_some_names():
    assert some([]) == "none" and some(["a", "b"]) == "a, b"
    assert some([str(i) for i in range(1000)]).endswith("18, 19, ... (1,000)")


@pytest.mark.parametrize(
    ("name", "near"),
    [("MIG", "mig"), ("mgi", "mig"), ("BetaVAE", "beta_vae"), ("udr", "udr_lasso"), ("x", None)],
)
def test_the_nearest_name_is_said(name, near):
    with pytest.raises(InputError, match=f"unknown thing '{name}' .known: beta_vae, ") as caught:
        choose("thing", name, ["mig", "udr_lasso", "udr_spearman", "beta_vae"])
    assert str(caught.value).endswith(f"; did you mean {near!r}?" if near else ")")
