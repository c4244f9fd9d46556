"""SCAN that is taught one concept, by sets of images that grow in diversity.

The loss is that of the first stage of SCAN (see scan.py); an update draws its images from the set
whose turn it is, each set having the same number of updates. What the images of a set have in
common the model takes for a part of the concept: q(z|y) is narrow in a latent as long as the images
agree in it, and goes to the prior once they do not.

Higgins et al., "SCAN: Learning Hierarchical Compositional Visual Concepts", ICLR 2018, teaches
"cyan wall" by three sets of five images. Which factors vary in a set is not known to us: `free`
is ours.
"""

from typing import Annotated

from dbench.base import Model
from dbench.data.concepts import curriculum
from dbench.data.concepts.curriculum import sets
from dbench.models.grounding import Settings, Taught, grounded

FREE = (
    "position, object_rotation; "
    "position, object_rotation, camera_rotation, object, object_color; "
    "position, object_rotation, camera_rotation, object, object_color, floor_color"
)


def scan_curriculum(
    shape: tuple[int, int, int],
    *,
    base: str = "",
    concept: str = "cyan wall",
    free: str = FREE,
    beta_y: float = 1.0,
    lambda_x: float = 10.0,
    units: int = 100,
    learning_rate: float = 1e-4,
    set_steps: int = 10_000,
    images: int = 5,
    concept_seed: Annotated[int, 0] = 0,
) -> Model:
    """SCAN taught one concept by sets of images of growing diversity (Higgins et al. 2018).

    `concept` is said in the data set's symbols; `free` names the factors that vary in each set,
    with ; between sets; each has `images`, drawn by `concept_seed`, and `set_steps` updates, the
    last one all further ones too. The other options and the logs as of `scan`, and `set`, the
    number of the set, from 0.
    """
    count = len(sets(free))
    how = Settings(
        *(base, beta_y, lambda_x, units, learning_rate, set_steps * count, 1),
        *(1e-3, 1, images * count, 0, concept_seed),
    )

    def lessons(dataset):
        return curriculum(dataset, concept, free, images, concept_seed)

    return grounded(shape, "scan_curriculum", how, taught=Taught(lessons, count))
