"""Bad input: one clear sentence, exit code 2, no traceback.

Anything a user can get wrong raises `InputError` with a message that says what is wrong,
where, and what to do. The command line prints it and exits with 2.
"""

import contextlib
import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

MOST = 2_000  # characters of a sentence, whatever a file has put into it


class InputError(ValueError):
    """What is wrong, where, and what to do, in one sentence: one line, whatever names are in it."""

    def __init__(self, sentence: str = ""):
        super().__init__(_line(str(sentence)))


def _line(text: str) -> str:
    """One line, not too long, that a terminal shows and does not carry out: no escape codes."""
    if len(text) > MOST:  # what to do is said at the end
        text = f"{text[: MOST * 3 // 4]} ... {text[-MOST // 4 :]}"
    text = " ".join(text.split("\n"))
    return "".join(ascii(c)[1:-1] if _is_control(c) else c for c in text)


def _is_control(c: str) -> bool:
    return unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def some(names: Sequence[str]) -> str:
    """The first few of many names, or none."""
    more = f", ... ({len(names):,})" if len(names) > 20 else ""
    return (", ".join(names[:20]) or "none") + more


def short(value: object) -> str:
    """A value as a sentence has it: no more than a line of it."""
    try:
        text = repr(value)
    except Exception as error:  # Python prints no whole number of more than 4,300 digits
        return f"something that cannot be printed ({type(error).__name__})"
    return text if len(text) <= 100 else f"{text[:90]} ... ({type(value).__name__})"


@contextlib.contextmanager
def said_of(what: str) -> Iterator[None]:
    """An InputError in here says what it is about, if it does not yet."""
    try:
        yield
    except InputError as error:
        if what in str(error):
            raise
        raise InputError(f"{what}: {error}") from error


def nearest(name: object, known: Iterable[str]) -> list[str]:
    """The one of `known` that is most like a name, if any is; capitals do not count."""
    lower, asked = {each.lower(): each for each in known}, str(name)[:100].lower()
    begun = [each for each in lower if asked and each.startswith(asked)]  # udr: udr_lasso
    return [lower[each] for each in difflib.get_close_matches(asked, lower, n=1) or begun[:1]]


def choose(kind: str, name: str, known: Iterable[str]) -> str:
    """`name` if it is one of `known`, else an InputError with the nearest, or with all of them."""
    known = sorted(known)
    if name in known:
        return name
    said, near = short(name), nearest(name, known)
    listed = f"(known: {some(known) if near else ', '.join(known)})"  # many hide the nearest
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"unknown {kind} {said} {listed}{hint}")
