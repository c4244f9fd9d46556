"""All scores of a model itself, for which its table of codes is not enough, by id.

To add one: a file with a function `(run: TrainedModel) -> Score` and one
that says what it needs, a line of each here, and which way it is better in tables/directions.py.
"""

from collections.abc import Callable

from dbench.base import Dataset, Score
from dbench.errors import InputError
from dbench.scoring.analogy import analogy, swaps
from dbench.scoring.category_error import category_error, sorts
from dbench.scoring.control import action_selectivity, policy_agreement
from dbench.scoring.controlled import (
    controlled_infomec_m,
    controlled_modularity,
    some_left,
    two_moved,
    uncontrolled,
)
from dbench.scoring.jacobian import decodes, distance_to_orthogonality, jacobian_coherence
from dbench.scoring.moves import acts, movable
from dbench.scoring.of_groups import grouped, several
from dbench.scoring.pair_reconstruction import pair_reconstruction, pairs_up
from dbench.scoring.polarisation import polarisation, spreads
from dbench.scoring.pose_regression import pose_regression, pose_regression_first
from dbench.scoring.reconstruction import reconstruction, reconstructs
from dbench.scoring.symbols.described import img2sym_precision, img2sym_recall
from dbench.scoring.symbols.imagined import (
    grounds,
    operator_accuracy,
    operator_diversity,
    recombines,
    sym2img_accuracy,
    sym2img_diversity,
)
from dbench.scoring.symbols.judge import judged_reconstruction, judges
from dbench.scoring.symbols.specificity import symbol_specificity
from dbench.scoring.transfer import (
    a2c_source,
    a2c_target,
    a2c_tuned_source,
    a2c_tuned_target,
    dqn_source,
    dqn_target,
    dqn_tuned_source,
    dqn_tuned_target,
    episodic_control_source,
    episodic_control_target,
    sought,
    tunable,
)
from dbench.scoring.verification import verification, verification_others
from dbench.training.programs import Program

MODEL_METRICS: dict[str, Callable[..., Score]] = {
    "a2c_source": a2c_source,
    "a2c_target": a2c_target,
    "a2c_tuned_source": a2c_tuned_source,
    "a2c_tuned_target": a2c_tuned_target,
    "action_selectivity": action_selectivity,
    "analogy": analogy,
    "category_error": category_error,
    "controlled_infomec_m": controlled_infomec_m,
    "controlled_modularity": controlled_modularity,
    "distance_to_orthogonality": distance_to_orthogonality,
    "dqn_source": dqn_source,
    "dqn_target": dqn_target,
    "dqn_tuned_source": dqn_tuned_source,
    "dqn_tuned_target": dqn_tuned_target,
    "episodic_control_source": episodic_control_source,
    "episodic_control_target": episodic_control_target,
    "img2sym_precision": img2sym_precision,
    "img2sym_recall": img2sym_recall,
    "jacobian_coherence": jacobian_coherence,
    "judged_reconstruction": judged_reconstruction,
    "operator_accuracy": operator_accuracy,
    "operator_diversity": operator_diversity,
    "pair_reconstruction": pair_reconstruction,
    "polarisation": polarisation,
    "policy_agreement": policy_agreement,
    "pose_regression": pose_regression,
    "pose_regression_first": pose_regression_first,
    "reconstruction": reconstruction,
    "uncontrolled": uncontrolled,
    "verification": verification,
    "verification_others": verification_others,
    "sym2img_accuracy": sym2img_accuracy,
    "sym2img_diversity": sym2img_diversity,
    "symbol_specificity": symbol_specificity,
}
# (program, data set) -> (), or InputError
NEEDS = {
    "a2c_source": sought,
    "a2c_target": sought,
    "a2c_tuned_source": tunable,
    "a2c_tuned_target": tunable,
    "action_selectivity": movable,
    "analogy": swaps,
    "category_error": sorts,
    "controlled_infomec_m": two_moved,
    "controlled_modularity": two_moved,
    "distance_to_orthogonality": decodes,
    "dqn_source": sought,
    "dqn_target": sought,
    "dqn_tuned_source": tunable,
    "dqn_tuned_target": tunable,
    "episodic_control_source": sought,
    "episodic_control_target": sought,
    "img2sym_precision": grounds,
    "img2sym_recall": grounds,
    "jacobian_coherence": decodes,
    "judged_reconstruction": judges,
    "operator_accuracy": recombines,
    "operator_diversity": recombines,
    "pair_reconstruction": pairs_up,
    "polarisation": spreads,
    "policy_agreement": acts,
    "pose_regression": several,
    "pose_regression_first": grouped,
    "reconstruction": reconstructs,
    "uncontrolled": some_left,
    "verification": several,
    "verification_others": grouped,
    "sym2img_accuracy": grounds,
    "sym2img_diversity": grounds,
    "symbol_specificity": grounds,
}
UNASKED = ("category_error", "reconstruction")  # of a checkpoint for which no score is named


def allowed(program: Program, dataset: Dataset) -> list[str]:
    """The scores of UNASKED that a model can have of a data set."""

    def fits(name):
        try:
            NEEDS[name](program, dataset)
        except InputError:
            return False
        return True

    return [name for name in UNASKED if fits(name)]
