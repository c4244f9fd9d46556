"""Why two tables should not be held against each other, and what else is known to differ."""

from dbench.errors import InputError
from dbench.kept import OWN
from dbench.tables.reading import Scores, drawn_rows

GIVEN_NONE = ("none given", "drawn")  # as study.json says that no file was given; version 1: drawn


def not_comparable(a: Scores, b: Scores) -> list[str]:
    """Why the scores of two tables cannot be held against each other; [] if nothing speaks against.

    Another scale or number of steps; a data set of the same name that is another view, or a user's
    own in another version; scores of other rows of the data or of other factors. What a table does
    not say is not held against it, see `not_said`. No data set or no score in common: an
    InputError.
    """
    for column, what, why in (
        ("dataset", "data set", ""),
        ("metric", "score", ": another id is another definition"),
    ):
        one, two = ({*t.frame[column]} for t in (a, b))
        if not one & two:
            hint = f"; add a column {column} that says it" if "" in one | two else why
            raise InputError(
                f"not comparable: {a.name} and {b.name} have no {what} in common ({_few(one)}; "
                f"{_few(two)}){hint}"
            )
    found = []
    for column, what in (("scale", "scale"), ("steps", "training steps")):
        one, two = (_known(t, column) for t in (a, b))
        if one and two and not one & two:
            found.append(f"{what} {_few(one)} in {a.name}, {_few(two)} in {b.name}")
    found += _views(a, b) + _versions(a, b)
    one, two = (t.about.get("scores", {}) for t in (a, b))
    for field, what in (("rows", "rows scored"), ("factors", "factors"), ("continuous", "factors")):
        if field in one and field in two and one[field] != two[field]:
            found.append(f"{what} {one[field]} in {a.name}, {two[field]} in {b.name}")
    if one and two and one.get("options") != two.get("options"):
        said = [t.get("options") or "as scores have them" for t in (one, two)]
        found.append(f"options of scores {said[0]} in {a.name}, {said[1]} in {b.name}")
    return found


def _views(a: Scores, b: Scores) -> list[str]:
    """Data sets that both have by name, and that their studies say to be drawn in another way."""
    one, two = (t.about.get("study", {}).get("settings") for t in (a, b))
    if one is None or two is None:
        return []
    one, two = (settings.get("views", {}) for settings in (one, two))
    names = [name for name in a.frame["dataset"].unique() if name in set(b.frame["dataset"])]
    return [
        f"data set {name} {_view(one.get(name))} in {a.name}, {_view(two.get(name))} in {b.name}"
        for name in names
        if one.get(name) != two.get(name)
    ]


def _versions(a: Scores, b: Scores) -> list[str]:
    """Data sets of users' own that both have by name, and not with the same images and factors."""
    one, two = (t.about.get("study", {}).get("data_sha256") for t in (a, b))
    if not isinstance(one, dict) or not isinstance(two, dict):
        return []
    names = [name for name in a.frame["dataset"].unique() if name in set(b.frame["dataset"])]
    return [
        f"data set {name} has other images or factors in {a.name} than in {b.name}"
        for name in names
        if name in one and name in two and one[name] != two[name]
    ]


def _view(drawn: dict | None) -> str:
    return f"is the view {drawn}" if drawn else "whole"


def not_said(table: Scores) -> list[str]:
    """What a table lacks, so that nobody can tell whether it may be compared; what is not used."""
    columns = {"steps": "training steps"} | ({} if table.paper else {"scale": "scale"})
    lacks = [what for column, what in columns.items() if not _known(table, column)]
    found = [f"{table.name} does not say its {' and '.join(lacks)}: not checked"] if lacks else []
    unused = table.about.get("unused", [])
    found += [f"{table.name} {said}" for said in drawn_rows(table.about.get("scores", {}))]
    return found + [f"{table.name} has columns that are not used: {_few(unused)}"] * bool(unused)


def _known(table: Scores, column: str) -> set:
    if column not in table.frame:
        return set()
    values = table.frame[column].dropna().unique()
    return {f"{x:,.0f}" if column == "steps" else x for x in values} - {"", OWN}


def _few(names) -> str:
    names = sorted(map(str, names))
    return ", ".join(name or "not said" for name in names[:6]) + (", ..." if names[6:] else "")


def differences(a: Scores, b: Scores) -> list[str]:
    """What else is known to differ in how two tables were made: to be said, not refused."""
    one, two = (t.about.get("study", {}) for t in (a, b))
    sets = [_flat(side.get("settings", {}), {*a.frame["model"]} & {*b.frame["model"]})
            for side in (one, two)]  # fmt: skip
    found = [
        f"{name} {sets[0][name]} and {sets[1][name]}"
        for name in sets[0]
        if name in sets[1] and sets[0][name] != sets[1][name]
    ]
    data = ["none given" if s.get("data") in GIVEN_NONE else s.get("data") for s in (one, two)]
    if one and two and data[0] != data[1]:
        found.append(f"data {data[0]} and {data[1]}")
    for what, versions in (
        ("dbench", [side.get("versions", {}).get("dbench") for side in (one, two)]),
        ("commit of dbench", [str(side.get("commit") or "")[:7] for side in (one, two)]),
    ):
        if all(versions) and versions[0] != versions[1]:
            found.append(
                f"{what} {versions[0]} and {versions[1]}, so that a score's definition may have "
                "changed"
            )
            break
    return [f"made differently: {what}" for what in found]


def _flat(settings: dict, models: set[str]) -> dict:
    """Batch size and options by name; those of a model's own where both tables have the model."""
    found = {k: settings[k] for k in ("batch_size",) if k in settings}
    found |= settings.get("options", {})
    for model, own in settings.get("model_options", {}).items():
        if model in models:
            found |= {f"{model} {name}": value for name, value in own.items()}
    return found
