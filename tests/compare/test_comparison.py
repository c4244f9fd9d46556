"""What a comparison says of tables whose difference is known, and `dbench compare` as typed."""

import errno
import itertools
import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from dbench import stats
from dbench.compare import text as compare_text
from dbench.compare.comparison import compare
from dbench.errors import InputError
from dbench.tables import reading

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "results" / "reference"


def table(shift=0.0, *, seeds=8, model="beta_vae", values=(1.0, 4.0), metrics=("mig",), draw=0,
          name="beta", **settings):  # fmt: skip
    """Normal scores with a spread of 0.1."""
    rng = np.random.default_rng(draw)
    rows = [
        {"scale": "laptop", "dataset": "d", "model": model, "hyperparameter": name, "value": v,
         "seed": s, "steps": 9, "metric": m, "score": rng.normal(0.5 + shift, 0.1), **settings}
        for v, s, m in itertools.product(values, range(seeds), metrics)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def verdicts(found):
    return found.frame["verdict"].tolist()


@pytest.mark.slow
def test_the_numbers_of_a_comparison():
    a, b = table(values=[4.0]), table(0.2, values=[4.0], model="factor_vae", draw=1)
    (row,) = compare({"a": a, "b": b}).frame.to_dict("records")
    x, y = a["score"].to_numpy(), b["score"].to_numpy()
    assert row["difference"] == pytest.approx(y.mean() - x.mean()) and not row["paired"]
    assert row["median_difference"] == pytest.approx(np.median(y) - np.median(x))
    assert row["improvement"] == scipy_stats.mannwhitneyu(y, x).statistic / 64
    assert (row["mean_reference"], row["sd_other"]) == (x.mean(), pytest.approx(y.std(ddof=1)))
    t = scipy_stats.ttest_ind(y, x, equal_var=False)
    assert row["p"] == row["p_holm"] == pytest.approx(t.pvalue, abs=0.002)
    assert row["low"] < row["difference"] < row["high"] and row["low"] > 0
    assert row["median_low"] <= row["median_difference"] <= row["median_high"]
    assert row["p_smallest"] == 2 / 12870 and row["verdict"] == "better"
    spread = np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
    assert row["detectable"] == pytest.approx(1.507 * spread, 0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "metric, up, down",
    [("mig", "better", "worse"), ("reconstruction", "worse", "better"), ("kl", "higher", "lower"),
     ("mine", "higher", "lower")],
)  # fmt: skip
def test_verdicts_go_by_the_direction_of_the_score(metric, up, down):
    low, high = table(metrics=[metric]), table(0.5, metrics=[metric], draw=1)
    found = compare({"low": low, "high": high})
    assert verdicts(found) == [up, up]
    assert found.frame["improvement"].eq(0 if metric == "reconstruction" else 1).all()
    assert verdicts(compare({"high": high, "low": low})) == [down, down]


@pytest.mark.slow
def test_noise_is_no_difference_and_few_seeds_are_too_few():
    assert verdicts(compare({"a": table(), "b": table(draw=2)})) == ["no difference shown"] * 2
    for seeds, expected in ((1, "too few seeds"), (2, "too few seeds"), (3, "too few seeds")):
        found = compare({"a": table(seeds=seeds), "b": table(5.0, seeds=seeds, draw=1)})
        assert verdicts(found) == [expected] * 2
        assert "not even scores wholly apart" in compare_text.text(found)
    # Four seeds a side: a single comparison can be shown, two of them cannot.
    four = {"a": table(seeds=4, values=[1.0]), "b": table(5.0, seeds=4, values=[1.0], model="x")}
    assert verdicts(compare(four)) == ["better"]
    four = {"a": table(seeds=4), "b": table(5.0, seeds=4, model="x")}
    assert verdicts(compare(four)) == ["too few seeds"] * 2


@pytest.mark.slow
def test_no_difference_is_called_detectable_where_none_can_be_shown():
    """Of four seeds a side p is 2/70 at the least."""
    one = {"a": table(seeds=4, values=[1.0]), "b": table(seeds=4, values=[1.0], draw=1, model="x")}
    (row,) = compare(one).frame.to_dict("records")
    spread = np.sqrt((row["sd_reference"] ** 2 + row["sd_other"] ** 2) / 2)
    assert row["detectable"] == stats.detectable(spread, 4, level=2 / 70)
    two = {"a": table(seeds=4), "b": table(seeds=4, draw=1, model="x")}
    assert compare(two).frame["detectable"].isna().all()


@pytest.mark.slow
def test_false_verdicts_are_no_more_than_the_level():
    metrics = [f"downstream_{i}" for i in range(4)]
    wrong = 0
    for draw in range(30):
        found = compare(
            {"a": table(metrics=metrics, draw=draw), "b": table(metrics=metrics, draw=100 + draw)},
            level=0.2,
        )
        assert found.frame["paired"].all()
        wrong += any(verdict in ("better", "worse") for verdict in verdicts(found))
    assert 0 < wrong <= 11  # 6 expected; without the correction 25


@pytest.mark.slow
def test_pairs_are_of_one_setting_and_the_same_seeds():
    a = table(values=[4.0])
    b = a.assign(score=a["score"] + np.linspace(0.01, 0.03, 8))  # a new version of the same runs
    (row,) = compare({"a": a, "b": b.sample(frac=1, random_state=0)}).frame.to_dict("records")
    assert row["paired"] and row["verdict"] == "better" and row["p"] == 2 / 256
    assert row["low"] >= 0.01 and row["high"] <= 0.03
    for other, options in ((b, {"pairing": "none"}), (b[:7], {}), (b.assign(model="x"), {})):
        found = compare({"a": a, "b": other}, **options)
        assert not found.frame["paired"].any() and verdicts(found) == ["no difference shown"]
    found = compare({"a": a, "b": b.assign(model="x")}, pairing="seeds")
    assert found.frame["paired"].all() and ", paired" in compare_text.text(found)
    assert verdicts(compare({"a": a[:5], "b": b[:5]})) == ["too few seeds"]  # 2 / 32
    # Of all strengths together the pairs are of seeds, not of runs.
    many = {"a": table(), "b": table(model="x", name="gamma", draw=1)}
    assert not compare(many).frame["paired"].any()
    (row,) = compare(many, pairing="seeds").frame.to_dict("records")
    assert row["paired"] and row["n_reference"] == 8


@pytest.mark.slow
def test_eight_seeds_in_pairs_are_enough_for_any_number_of_rows():
    """Two versions of a program: 2 strengths and 12 scores, of which Holm could show none."""
    names = [f"downstream_{i}" for i in range(12)]
    a = table(metrics=names)
    better = a["metric"].isin(names[:2])
    b = a.assign(score=a["score"] + np.where(better, 0.05, 0.0) + 0.002 * (a["seed"] % 3 - 1))
    found = compare({"a": a, "b": b})
    assert len(found.frame) == 24 and found.frame["paired"].all()
    shown = found.frame["metric"].isin(names[:2])
    assert (found.frame.loc[shown, "verdict"] == "better").all()
    assert (found.frame.loc[shown, "p_holm"] == 2 / 256).all()
    assert (found.frame.loc[~shown, "verdict"] == "no difference shown").all()
    assert found.frame["detectable"].notna().all()
    said = " ".join(compare_text.text(found).split())
    assert "more rows need no more seeds" in said and "too few" not in said
    few = {name: side[side["seed"] < 5] for name, side in (("a", a), ("b", b))}
    found = compare(few)
    assert set(verdicts(found)) == {"too few seeds"} and found.frame["detectable"].isna().all()
    assert "It takes 6 seeds a side in pairs." in " ".join(compare_text.text(found).split())
    six = {name: side[side["seed"] < 6] for name, side in (("a", a), ("b", b))}
    assert verdicts(compare(six)).count("better") == 4


@pytest.mark.slow
def test_pairs_and_others_share_the_level():
    """Against two tables: a group of pairs, and one that is not: each p is doubled."""
    a = table()
    pairs = a.assign(score=a["score"] + 0.05 + 0.001 * a["seed"])
    other = table(0.3, seeds=7, draw=1)
    frame = compare({"a": a, "b": pairs, "c": other}).frame
    assert frame["paired"].tolist() == [True, True, False, False]
    assert (frame.loc[:1, "p_holm"] == 2 * 2 / 256).all()
    assert np.allclose(frame.loc[2:, "p_holm"], 2 * stats.holm(frame.loc[2:, "p"]))


@pytest.mark.slow
def test_how_settings_meet():
    a, b = table(), table(model="factor_vae", name="gamma", values=[2.0, 3.0], draw=1)

    def met(x, y):
        found = compare({"x": x, "y": y})
        strengths = found.frame[["strength_reference", "strength_other"]].to_numpy()
        return list(map(tuple, strengths)), found.notes

    pairs, (note, *_) = met(a, b)
    assert pairs == [("2 strengths", "2 strengths")]
    assert note.startswith("compared are beta_vae and factor_vae, each with all its strengths")
    pairs, (note, *_) = met(a[a["value"] == 1], b[b["value"] == 3])
    assert pairs == [("beta=1", "gamma=3")]
    assert note.startswith("compared are beta_vae beta=1 and factor_vae gamma=3; neither table")
    pairs, (note, *_) = met(a, table(model="beta_tcvae", values=[4.0, 8.0]))
    assert pairs == [("beta=4", "beta=4")] and note == "compared are runs at the same beta"
    pairs, notes = met(pd.concat([a, b]), pd.concat([b, table(values=[4.0, 9.0])]))
    assert notes[0] == "compared are runs of the same model at the same strength"
    assert pairs == [("beta=4",) * 2, ("gamma=2",) * 2, ("gamma=3",) * 2]
    assert "only in x: beta_vae beta=1" in notes
    with pytest.raises(InputError, match="no setting is in both; choose what to compare as NAME@"):
        met(pd.concat([a, b]), table(model="x"))


@pytest.mark.slow
def test_scores_and_data_sets_of_one_table_alone_are_named():
    a, b = table(metrics=["mig", "sap"]), pd.concat([table(), table(dataset="e")])
    notes = compare({"a": a, "b": b}).notes
    assert "only in a: sap" in notes and "only in b: e" in notes
    notes = compare({"a": a, "b": b, "c": table(metrics=["sap"])}).notes
    assert {"b against a: only in a: sap", "c against a: only in a: mig"} <= set(notes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes, said",
    [
        ({"steps": 10}, "not comparable: training steps 9 in a, 10 in b; --anyway"),
        ({"scale": "paper"}, "scale laptop in a, paper in b"),
    ],
)
def test_what_is_not_comparable_is_refused(changes, said):
    tables = {"a": table(), "b": table(draw=1, **changes)}
    with pytest.raises(InputError, match=said):
        compare(tables)
    found = compare(tables, anyway=True)
    assert len(found.reasons) == 1 and compare_text.text(found).startswith("NOT COMPARABLE")


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"dataset": "e"}, "a and b have no data set in common .d; e."),
        ({"metric": "sap"}, "no score in common .mig; sap.: another id is another definition"),
        ({"dataset": ""}, "no data set in common .d; not said.; add a column dataset that says it"),
    ],
)
def test_nothing_in_common(changes, said):
    with pytest.raises(InputError, match=said):
        compare({"a": table(), "b": table(**changes)}, anyway=True)


@pytest.mark.slow
def test_settings_of_scores_and_versions():
    a, b = (reading.Scores(name, table(draw=i), {}) for i, name in enumerate("ab"))
    with pytest.raises(InputError, match="rows scored 9 in a, 8 in b"):
        compare(
            [a._replace(about={"scores": {"rows": 9}}), b._replace(about={"scores": {"rows": 8}})]
        )
    old = {"settings": {"options": {"net": "fc", "latents": 10}}, "versions": {"dbench": "1"}}
    new = {"settings": {"options": {"net": "conv", "latents": 10}}, "versions": {"dbench": "2"}}
    found = compare([a._replace(about={"study": old}), b._replace(about={"study": new})])
    assert "made differently: net fc and conv" in found.notes
    assert any("dbench 1 and 2, so that a score's definition may" in note for note in found.notes)
    assert not any("latents" in note for note in found.notes)


def studies(**made):
    """Two tables, with what study.json says of each."""
    return [
        reading.Scores(name, table(draw=i), {"study": {"settings": {}} | about})
        for i, (name, about) in enumerate(made.items())
    ]


@pytest.mark.slow
def test_data_sets_of_one_name_that_are_other_views_are_refused():
    view = {"of": "dsprites", "joint": {"posX,posY": 0.2}}
    seen = {"settings": {"views": {"d": view, "e": view}}}
    other = {"settings": {"views": {"d": view | {"joint": {"posX,posY": 0.4}}}}}
    for b, said in ((other, "d is the view .*0.2.* in a, is the view .*0.4.* in b"),
                    ({}, "d is the view .* in a, whole in b")):  # fmt: skip
        with pytest.raises(InputError, match=f"not comparable: data set {said}"):
            compare(studies(a=seen, b=b))
    same = {"settings": {"views": {"d": view, "e": {}}}}  # e is in neither table
    assert compare(studies(a=seen, b=same)).reasons == []


@pytest.mark.slow
def test_other_commits_and_data_are_told_and_the_same_ones_are_not():
    found = compare(studies(a={"commit": "1234567890", "data": "drawn"},
                            b={"commit": "abcdefghij", "data": "none given"}))  # fmt: skip
    assert any("commit of dbench 1234567 and abcdefg, so that" in note for note in found.notes)
    assert not any("data" in note for note in found.notes)
    found = compare(studies(a={"commit": "12", "data": "/x"}, b={"commit": "12", "data": "/y"}))
    assert "made differently: data /x and /y" in found.notes
    assert not any("commit" in note for note in found.notes)


@pytest.mark.slow
def test_what_a_table_does_not_say_is_told():
    tables = {"a": table(), "b": table(draw=1).drop(columns=["scale", "steps"])}
    found = compare(tables)
    assert "b does not say its training steps and scale: not checked" in found.notes
    assert "steps (B not known in full: see below)" in compare_text.text(found)
    whole = compare({"a": table(), "b": table(draw=1)})
    assert "not known" not in compare_text.text(whole)
    own = {"a": table(), "b": table(draw=1).assign(scale="own")}  # of a file without scales
    assert "b does not say its scale: not checked" in compare(own).notes
    odd = {"a": table(), "b": table(draw=1).assign(hp=range(16))}
    assert "b has columns that are not used: hp" in compare(odd).notes
    runs = [reading.Scores("runs", table(dataset="dsprites", metrics=["factor_vae"]), {})]
    notes = compare([*runs, reading.read("paper:kim2018")]).notes
    assert "paper:kim2018 does not say its training steps: not checked" in notes


@pytest.mark.slow
def test_many_tables_against_the_first_or_all_pairs():
    tables = {name: table(draw=i) for i, name in enumerate("abc")}
    pairs = compare(tables).frame[["reference", "other"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["a", "b"], ["a", "c"]]
    found = compare(tables, all_pairs=True).frame
    assert len(found[["reference", "other"]].drop_duplicates()) == 3


@pytest.mark.slow
def test_published_numbers():
    runs = table(dataset="dsprites", metrics=["factor_vae", "higgins"])
    with pytest.raises(InputError, match="training steps"):
        compare([reading.Scores("runs", runs, {}), reading.read("paper:locatello2019")])
    runs = runs.assign(steps=np.nan)
    for name, expected in (("kim2018", [0.814, 0.73]), ("higgins2017", [0.6158, 0.9923])):
        found = compare([reading.Scores("runs", runs, {}), reading.read(f"paper:{name}")])
        assert found.frame["mean_other"].tolist() == expected
        assert set(verdicts(found)) == {"not tested"} and found.frame["p"].isna().all()
        gaps = found.frame["mean_other"] - found.frame["mean_reference"]
        assert found.frame["difference"].tolist() == gaps.tolist()
    for form in (compare_text.text, compare_text.markdown, compare_text.latex):
        assert "published mean, recalled, Higgins et al. 2017" in form(found)


@pytest.fixture
def against_paper(tmp_path, monkeypatch):
    """Compares runs of beta 4 with one published number."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "papers").mkdir(parents=True)

    def run(runs, whole=False, **changes):
        row = dict.fromkeys(reading.PAPER) | {
            "dataset": "d", "model": "beta_vae", "hyperparameter": "beta", "value": 4.0,
            "metric": "mig", "statistic": "mean", "score": 0.9, "spread": 0.1, "spread_kind": "sd",
            "n": 10, "seen": "seen", "source": "Someone 2020",
        } | changes  # fmt: skip
        pd.DataFrame([row]).to_csv(tmp_path / "results" / "papers" / "p.csv", index=False)
        found = compare([reading.read("paper:p"), reading.Scores("runs", runs, {})])
        (row,) = found.frame.to_dict("records")
        return found if whole else row

    return run


@pytest.mark.parametrize("spread, kind", [(0.1, "sd"), (0.1 / np.sqrt(10), "se")])
def test_a_published_mean_with_spread_and_n_is_tested_by_welch(against_paper, spread, kind):
    runs = table(values=[4.0])
    row = against_paper(runs, spread=spread, spread_kind=kind)
    s = runs["score"]
    t = scipy_stats.ttest_ind_from_stats(s.mean(), s.std(), 8, 0.9, 0.1, 10, equal_var=False)
    assert row["p"] == pytest.approx(t.pvalue) and row["verdict"] == "worse"


@pytest.mark.parametrize(
    "changes",
    [{"seen": "recalled"}, {"statistic": "best"}, {"spread_kind": "not said"}, {"n": None},
     {"spread": None}],
)  # fmt: skip
def test_a_published_number_that_lacks_something_is_shown_and_not_tested(against_paper, changes):
    row = against_paper(table(values=[4.0]), **changes)
    assert row["verdict"] == "not tested" and np.isnan(row["p"]) and row["difference"] < 0


def legend(a, b, **options):
    text = compare_text.text(compare({"a": a, "b": b}, **options))
    return " ".join(text.split())


@pytest.mark.slow
def test_the_legend_says_what_is_there():
    said = legend(table(), table(draw=1))
    assert "each by itself and not corrected. P:" in said
    assert "p corrected for all 2 comparisons made here" in said
    for absent in ("paper", "too narrow", "Strengths together", "too few"):
        assert absent not in said
    assert "Of 3 seeds or fewer it is too narrow." in legend(table(seeds=3), table(seeds=6))
    assert "one comparison;" in legend(table(values=[1.0]), table(values=[1.0], draw=1))
    other = table(name="gamma", model="x", draw=1)
    assert "the score of a seed is its mean over them" in legend(table(), other)


def test_the_legend_of_published_numbers(against_paper):
    found = against_paper(table(values=[4.0]), whole=True)
    said = " ".join(compare_text.text(found).split())
    assert "interval and p of Welch's t test" in said and "A paper's number is what is said" in said
    assert "bootstrap" not in said


@pytest.mark.slow
def test_names_do_not_break_a_table():
    odd = "a|b_c^d~e\\f"
    found = compare({"a": table(model=odd), "b": table(model=odd, draw=1)})
    found = found._replace(
        frame=found.frame.assign(model_other=["x", "y"])
    )  # so that rows name them
    rows = [x for x in compare_text.markdown(found).splitlines() if x.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert r"a|b\_c\^{}d\~{}e\textbackslash f" in compare_text.latex(found)


def test_bad_calls():
    a = table()
    for tables, options, said in (
        ({"a": a}, {}, "give two tables or more"),
        ([reading.Scores("a", a, {})] * 2, {}, "a is given twice"),
        ({"a": a, "b": a}, {"pairing": "all"}, "unknown pairing 'all'"),
        ({"a": a, "b": a}, {"level": 5}, "between 0 and 1"),
        ({"a": a, "b": a.assign(score=np.nan)}, {}, "b: mig of beta_vae beta=1, seed 0 and 15"),
        ({"a": a, "b": pd.concat([a, a])}, {}, "b: .* is there twice"),
    ):
        with pytest.raises(InputError, match=said):
            compare(tables, **options)


@pytest.mark.slow
def test_more_comparisons_than_permutations_can_tell_are_refused(monkeypatch):
    monkeypatch.setattr("dbench.compare.comparison.MOST", 3)
    assert len(compare({"a": table(), "b": table(draw=1)}).frame) == 2
    with pytest.raises(InputError, match="4 comparisons at once are over 3"):
        compare({name: table(draw=i) for i, name in enumerate("abc")})


# The command


@pytest.fixture
def files(tmp_path):
    table().to_csv(tmp_path / "a.csv", index=False)
    table(-0.5, draw=1).to_csv(tmp_path / "b.csv", index=False)
    return tmp_path / "a.csv", tmp_path / "b.csv"


@pytest.mark.slow
def test_reference_tables_in_every_form(dbench, tmp_path):
    forms = {kind: tmp_path / f"out.{kind}" for kind in ("csv", "json", "markdown", "latex")}
    options = itertools.chain(*((f"--{kind}", path) for kind, path in forms.items()))
    code, out, err = dbench("compare", REFERENCE / "beta_sweep", REFERENCE / "tc_sweep", *options)
    assert (code, err) == (0, "")
    frame = pd.read_csv(forms["csv"], keep_default_na=False)
    # Five scores of both, at five strengths.
    assert len(frame) == 25 and (frame["n_reference"] == 8).all()
    assert frame.loc[frame["strength_other"] == "beta=1", "note"].eq("the very same scores").all()
    read = json.loads(forms["json"].read_text())
    for kind in forms:
        text = forms[kind].read_text()
        assert "detectable" in text and not re.search(r"[&|,\"] ?seen\b", text), kind
    assert len(read["comparisons"]) == 25 and read["level"] == 0.05
    markdown = forms["markdown"].read_text().splitlines()
    rows = [line for line in markdown if line.startswith("| `")]
    assert rows[0].startswith("| `higgins`, higher is better | beta=1 |")
    assert len(rows) == 25 and len({line.count("|") for line in markdown if "|" in line}) == 1
    latex = forms["latex"].read_text()
    lines = [line for line in latex.splitlines() if not line.startswith("%")]
    assert not re.search(r"(?<!\\)[_%#]", "\n".join(lines))
    cells = [line for line in lines if "&" in line]
    assert len(cells) == 26 and {line.count("&") for line in cells} == {11}
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 1
    assert max(map(len, out.splitlines())) <= 120


@pytest.mark.slow
def test_standard_output_has_one_form_alone(dbench, files):
    code, out, _ = dbench("compare", *files, "--json", "-")
    assert code == 0 and len(json.loads(out)["comparisons"]) == 2


@pytest.mark.slow
def test_exit_code_for_ci(dbench, files):
    assert dbench("compare", *files)[0] == 0
    code, out, err = dbench("compare", *files, "--fail-on-worse")
    assert code == 1 and out.count(" worse") == 2 and err == "2 of 2 comparisons are worse\n"
    assert dbench("compare", *reversed(files), "--fail-on-worse")[0] == 0


@pytest.mark.parametrize("level", ["1e-320", "1e-9", "1e-6"])
def test_a_level_that_would_take_for_ever(refused, files, level):
    said = refused("compare", *files, "--level", level)
    assert "takes more than 1,000,000 permutations: give a higher level" in said


@pytest.mark.slow
def test_bad_input_is_one_sentence_and_no_file(dbench, files, tmp_path):
    a, b = files
    (tmp_path / "folder").mkdir()
    table(steps=10).to_csv(tmp_path / "steps.csv", index=False)
    table().to_csv(tmp_path / "semi.csv", index=False, sep=";", decimal=",")
    table().to_csv(tmp_path / "tabs.csv", index=False, sep="\t")
    table().to_pickle(tmp_path / "pickled.parquet")
    (tmp_path / "garbage.csv").write_bytes(bytes(range(256)) * 9)
    before = a.read_text()
    for arguments, said in (
        ((a,), "give two tables or more"),
        ((a, a), "given twice"),
        ((tmp_path / "a.csv", f"{tmp_path}/folder/../a.csv"), "are the same table: give each once"),
        ((f"{a}@beta=4", f"{tmp_path}/./a.csv@beta=4"), "are the same table"),
        ((a, tmp_path / "semi.csv"), "separated by semicolons: save it with commas, and points"),
        ((a, tmp_path / "tabs.csv"), "separated by tabs"),
        ((a, tmp_path / "pickled.parquet"), "cannot read"),
        ((a, tmp_path / "garbage.csv"), "cannot read"),
        ((a, b, "--csv", ""), "--csv is given no name"),
        ((a, tmp_path / "none.csv"), "there is no results folder and no file"),
        ((a, tmp_path / "steps.csv"), "not comparable: training steps"),
        ((a, b, "--metrics", "mgi"), "did you mean 'mig'"),
        ((a, "paper:nobody"), "unknown paper"),
        ((a, b, "--csv", a), "would replace a table"),
        ((a, b, "--csv", tmp_path / "folder"), "is a folder"),
        ((a, b, "--csv", "-", "--json", "-"), "same place"),
        ((a, b, "--level", "2"), "Invalid value"),
    ):
        code, out, err = dbench("compare", *arguments, "--latex", tmp_path / "out.tex")
        assert (code, out) == (2, "") and said in err and len(err.splitlines()) == 1, err
    assert not (tmp_path / "out.tex").exists() and a.read_text() == before


@pytest.mark.slow
def test_a_disk_that_is_full_at_the_second_file_leaves_the_first_as_it_was(
    refused, files, tmp_path, monkeypatch
):
    csv, latex = tmp_path / "out.csv", tmp_path / "out.tex"
    csv.write_text("old")
    for full_at in (2, 1):
        calls = itertools.count(1)

        def fsync(_, calls=calls, full_at=full_at):
            if next(calls) == full_at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)
        said = refused("compare", *files, "--csv", csv, "--latex", latex)
        assert f"cannot write {(csv, latex)[full_at - 1]}: No space left on device" in said
        assert csv.read_text() == "old" and not latex.exists()
        assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
def test_a_mark_before_the_first_column_is_none_of_its_name(dbench, files, tmp_path):
    """Excel saves UTF-8 so."""
    table(-0.5, draw=1).to_csv(tmp_path / "c.csv", index=False, encoding="utf-8-sig")
    others = files[1], tmp_path / "c.csv"
    outs = [dbench("compare", files[0], other, "--csv", "-")[1] for other in others]
    assert outs[0].replace("b.csv", "c.csv") == outs[1] and len(outs[0].splitlines()) == 3
