"""What a model of symbols imagines of words, and says of images."""

from dbench.data.concepts import vocabulary
from dbench.pictures import described
from dbench.pictures.runs import Run
from dbench.pictures.symbols import Speaker
from dbench.report.figure import Figure, picture

SAMPLES = 10
CELL = 96  # pixels that an image takes at least: four lines of text stand beside it
IMAGINED = (
    "Images drawn from what a phrase means to the model. Green: a classifier, trained on real "
    "images, finds all that is said. A row should show what is said in each image, and all that is "
    "not said in many ways."
)
DESCRIBED = (
    "Images of the data set, and the symbols that the model finds most probable for each. A "
    "chance is that of being said: of a model whose lessons say little it may be low for what "
    "surely holds."
)


def figures(run: Run, end: str) -> list[Figure]:
    """Both sheets; none of a model without symbols."""
    if run.program.build().symbols is None:
        return []
    words = vocabulary(run.dataset)
    speaker = Speaker(run.dataset, words, run.program, run.numbers, run.params)
    drawn, right = described.imagined(speaker, SAMPLES, 0)
    shown, told = described.descriptions(speaker, run.rows, CELL)
    return [
        picture(drawn, f"imagined_{end}", "Imagined", IMAGINED, right, image=True),
        picture(shown, f"described_{end}", "Descriptions", DESCRIBED, told, image=True),
    ]
