"""How many codes are in use."""

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work, metric


@metric()
def active_units(work: Work, *, threshold: float = 0.01) -> Score:
    """Active units: codes whose posterior mean varies over the data (Burda et al. 2016).

        AU = #{j: Var_x(mean_j(x)) > 0.01}

    the variance (ddof 0) over all rows. In 0 .. d; neither more nor less is better. Unchanged by
    the order and shift of codes, not by their scale: it supposes codes of a model whose prior has
    unit variance. Needs no factors.

    Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, section 5.2.

    Parts: variance [d]. Nothing is drawn: stderr 0.
    """
    variance = caution.spreads(work) ** 2
    return Score(float((variance > threshold).sum()), 0.0, {"variance": variance})
