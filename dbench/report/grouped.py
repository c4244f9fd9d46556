"""What the groups of codes of a run do, of models that declare some."""

import pandas as pd

from dbench.pictures import analogies
from dbench.pictures.runs import Run
from dbench.report.figure import Figure, picture

ANALOGIES = (
    "The first group of codes of the image at the left with all other codes of the image above, "
    "decoded. In truth: the image of those factors, where the data set has it."
)
GROUPS = (
    "Decoded images as one group of codes goes from those of the first image to those of the last, "
    "and all others stay."
)


def figures(run: Run, end: str, cell: int) -> list[Figure]:
    """Analogies and groups that move; none of a model whose codes are in no groups."""
    if not analogies.shown(run):
        return []
    some = analogies.donors(run)
    rows = pd.DataFrame(some.table.factors, columns=run.latents.factors)
    rows.insert(0, "row", some.rows)
    return [
        picture(draw(some, cell), f"{name}_{end}", title, said, rows, image=True)
        for draw, name, title, said in (
            (analogies.analogies, "analogies", "Analogies", ANALOGIES),
            (analogies.moving, "groups", "Groups of codes that move", GROUPS),
        )
    ]
