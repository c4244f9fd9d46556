"""What plain data must be, as JSON Schema: a run's files, a study's fields. One sentence if not.

A schema's "description" says what a value must be. Beside the types of JSON Schema there are
"text" (a string that can be printed and name a file), "scalar" and "finite"; a list may be a tuple,
and a whole number is no 1.0.
"""

import functools
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbench import bounds
from dbench.errors import InputError, short


def whole(least: int, most: int) -> dict:
    said = f"a whole number from {least:,} to {most:,}"
    return {"type": "integer", "minimum": least, "maximum": most, "description": said}


def listed(items: dict) -> dict:
    return {"type": "array", "items": items, "description": "a list"}


def named(values: dict | None = None, **fields: dict) -> dict:
    """An object with these `fields`, all others as `values` says."""
    more = {} if values is None else {"additionalProperties": values}
    return {"type": "object", "properties": fields, "description": "a dict"} | more


def needing(schema: dict, *fields: str) -> dict:
    return schema | {"required": list(fields)}


DEEP = 30  # levels of brackets in any of these; a study has six
TEXT = {"type": "text", "minLength": 1, "description": "text that can name a file"}
REAL = {"type": "number", "description": "a number"}
SCALAR = {"type": "scalar", "description": "a number or text"}
SEED = whole(0, 2**31 - 1)
ANYTHING = {"type": "object", "description": "a dict"}

# Of a view of a data set, see `dbench.data.views`.
INDEX = {"type": ["integer", "array"], "items": whole(0, bounds.ROWS)} | {
    "description": "an index or a list of them"
}
HELD_OUT = {"type": ["text", "object"], "additionalProperties": INDEX} | {
    "description": "a dict of factors and indices"
}
JOINT = {"type": ["text", "number", "array"], "items": listed(REAL)} | {
    "description": "the name of a joint, a number above 0, or a table of rows"
}
VIEW = named(
    without=listed(HELD_OUT),
    part={"type": "array", "prefixItems": [REAL, SEED], "minItems": 2, "maxItems": 2}
    | {"description": "[fraction, seed]"},
    joint=named(JOINT),
)

# Of a study, what its fields hold; of which kind they are themselves is said by `study.Study`.
STUDY = named(
    datasets=listed(TEXT),
    metrics=listed(TEXT),
    seeds=whole(1, bounds.SEEDS),
    steps=whole(1, bounds.STEPS),
    batch_size=whole(1, bounds.BATCH),
    chunk=whole(1, bounds.STEPS),
    views=named(),
    during=named(listed(whole(1, bounds.STEPS))),
)

# The files of a run and of a study.
CONFIG = needing(
    named(
        dataset=TEXT,
        model=TEXT,
        options=named(SCALAR),
        seed=SEED,
        steps=whole(1, bounds.STEPS),
        batch_size=whole(1, bounds.BATCH),
        value={"type": ["finite", "null"], "description": "a number or null"},
        data_sha256=TEXT,
        builds_on=TEXT,
        base_sha256=TEXT,
    ),
    *("dataset", "model", "options", "seed", "steps", "batch_size"),
)
DATASET = named(dataset=TEXT)  # of a config.json, where nothing else is asked
FAILED = needing(named(reason={"type": "string", "description": "text"}), "reason")
SECOND = {"type": "finite", "description": "a number of seconds"}
SECONDS = {"type": ["finite", "object"], "additionalProperties": SECOND} | {
    "description": "seconds, or a dict of them"
}
SETTINGS = named(options=ANYTHING, model_options=named(ANYTHING), views=ANYTHING)
# study.json: scale -> how its runs were made. Where times are added up they must be numbers.
LEDGER = named(named(settings=SETTINGS, versions=ANYTHING))
TIMED = named(named(settings=SETTINGS, versions=ANYTHING, seconds=SECONDS, hosts=named(TEXT)))
WARNED = named(warnings=listed({"type": "string", "description": "text"}))  # a score in it
SCORES = named(scores=named(WARNED))  # scores.json
RUNS = named(SCORES)  # "runs" in that of several models

# The files of a study over many machines, see `dbench.cluster`.
MAYBE = {"type": ["text", "null"], "description": "text or null"}
MADE = needing(named(versions=named(TEXT), commit=MAYBE), "versions", "commit")
_PLAN = {
    "study": ANYTHING,
    "parts": listed(listed(TEXT)),
    "source": MAYBE,
    "data": named(MAYBE),
    "at_once": {"type": ["integer", "null"], "description": "a whole number or null"},
    "keep_states": {"type": "boolean", "description": "true or false"},
    "does": {"enum": [None, "train", "score"], "description": "train, score or null"},
    "follows": {"type": ["integer", "null"], "description": "a whole number or null"},
    "made": MADE,
}
PLAN = needing(named(**_PLAN) | {"additionalProperties": False}, *_PLAN)
ATTEMPT = needing(named(host=TEXT, device=TEXT, seconds=named(SECOND)), "host", "device", "seconds")
RECORD = needing(named(state=TEXT, attempts=listed(ATTEMPT)), "state", "attempts")


def check(content: Any, schema: Mapping, where: Path | str, field: str = "") -> None:
    """An InputError with the field, what it must be and what it is; `field`: of `content`."""
    _check_depth(content, where)
    try:
        wrong = next(_validator()(schema).iter_errors(content), None)
    except ValueError as error:  # Python prints no whole number of more than 4,300 digits
        raise InputError(f"{where}: {field or 'a number in it'} is far too large") from error
    if wrong is None:
        return
    name = place(field, wrong.absolute_path)
    if wrong.validator == "required":
        lacks = next(key for key in wrong.validator_value if key not in wrong.instance)
        raise InputError(f"{where} lacks {place(name, [lacks])}; it was cut off or edited")
    said = wrong.schema.get("description", "of another kind")
    raise InputError(f"{where}: {name or 'it'} must be {said}, not {short(wrong.instance)}")


def _check_depth(content: Any, where: Path | str) -> None:
    """What goes through it later goes from level to level, and Python only so far."""
    level = [content]
    for _ in range(DEEP):
        level = [x for each in level for x in _parts(each) if isinstance(x, dict | list | tuple)]
        if not level:
            return
    raise InputError(f"{where} is nested too deep: nothing here has more than {DEEP} levels")


def _parts(x: Any):
    return x.values() if isinstance(x, dict) else x if isinstance(x, list | tuple) else ()


def place(field: str, path) -> str:
    """ "views" and ["band", "part", 0] -> views['band']['part'][0]."""
    for key in path:
        field = f"{field}[{key!r}]" if field or isinstance(key, int) else str(key)
    return field


def is_text(x: Any) -> bool:
    """Can be printed and name a file: no control characters, no halves of characters, not long."""
    return (
        isinstance(x, str)
        and not any(unicodedata.category(c) in ("Cc", "Cs") for c in x)
        and len(x.encode()) <= bounds.PATH
        and all(len(part.encode()) <= bounds.NAME for part in x.split("/"))
    )


@functools.cache
def _validator():
    import jsonschema  # takes a while, and many commands read none of this

    return jsonschema.validators.extend(
        jsonschema.Draft202012Validator, type_checker=_types(jsonschema)
    )


def _types(jsonschema):
    def real(_, x):
        return isinstance(x, int | float) and not isinstance(x, bool)

    def finite(_, x):
        return real(_, x) and abs(x) <= bounds.NUMBER  # NaN is not

    return jsonschema.Draft4Validator.TYPE_CHECKER.redefine_many(
        {
            "array": lambda _, x: isinstance(x, list | tuple),
            "object": lambda _, x: isinstance(x, dict) and all(map(is_text, x)),
            "finite": finite,
            "number": real,
            "scalar": lambda _, x: isinstance(x, bool | int | float) or is_text(x),
            "text": lambda _, x: is_text(x),
        }
    )
