"""Figures of an earlier report in the same folder, which the new one does not have."""

import contextlib
import re
from pathlib import Path

LINKS = re.compile(r'<span class="files">(.*?)</span>', re.DOTALL)  # of page.html
LINK = re.compile(r'href="([\w.=+-]+\.(?:png|svg|csv))"')  # of this folder, see Figure.stem


def figures(page: Path) -> list[Path]:
    """The files that an earlier `page` names as those of its figures, as they were left.

    Files that are younger than the page, which is written last, have been changed since and count
    as somebody's own.
    """
    try:
        text, written = page.read_text(), page.stat().st_mtime
    except (OSError, ValueError):  # no page, or none of ours
        return []
    links = [name for span in LINKS.findall(text) for name in LINK.findall(span)]
    paths = [page.parent / name for name in dict.fromkeys(links)]
    return [path for path in paths if path.is_file() and path.stat().st_mtime <= written]


def remove(earlier: list[Path], kept: set[str]) -> None:
    """Removes `earlier` figures but those of the names in `kept`."""
    for path in earlier:
        if path.name not in kept:
            with contextlib.suppress(OSError):  # a figure too many is no reason to fail
                path.unlink()
