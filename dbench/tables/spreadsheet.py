"""Text in a .csv as a spreadsheet shows it: what begins like a formula would be carried out.

Such a name (it begins with =, +, -, @, maybe after spaces, or with a tab or the end of a line, and
is no number) is written with a ' before it, as spreadsheets mark text, and is read back without.
One that has the ' already gets another, so that every name reads back as it was.
"""

import re
from csv import QUOTE_MINIMAL, QUOTE_NONNUMERIC

import pandas as pd

from dbench.metrics.shared.labels import NUMBER

# Also after spaces, and in full width, which some spreadsheets take for the same.
FORMULA = re.compile("'*(\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def csv(frame: pd.DataFrame) -> str:
    """A frame as the text of a .csv."""
    texts = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    frame = frame.assign(**{c: frame[c].map(marked) for c in texts if isinstance(c, str)})
    frame = frame.set_axis([marked(c) for c in frame.columns], axis=1)
    # pandas puts text with a carriage return, which ends a line, in no quotes by itself.
    ends = any("\r" in str(entry) for c in texts for entry in frame[marked(c)].unique())
    quoting = QUOTE_NONNUMERIC if ends else QUOTE_MINIMAL
    return frame.to_csv(index=False, quoting=quoting)


def marked(entry):
    """An entry as it is written."""
    return f"'{entry}" if _is_formula(entry) else entry


def plain(entry):
    """The same entry as it was."""
    marks = isinstance(entry, str) and entry.startswith("'")
    return entry[1:] if marks and _is_formula(entry) else entry


def _is_formula(entry) -> bool:
    found = isinstance(entry, str) and FORMULA.match(entry)
    return bool(found) and not NUMBER.fullmatch(entry.lstrip("'"))
