"""How a DisBM learns: its optimiser, and what is moved by hand after each step.

Offsets o_k of hidden units follow the means of a batch, o_k += centring (mean q_k - o_k), by
`disbm_machine.recentre`, which leaves the machine as it is: only the direction of the next step
changes. Without them all units of a group learn what the images' largest direction has in common
(a flip of all pixels), through the interactions: they are soon on for every image, and stay so.
Montavon and Mueller, "Deep Boltzmann Machines and the Centering Trick", 2012; recalled.

Sparsity moves the biases alone, c_k += sparsity (target - mean q_k), and not by the gradient of a
penalty, which vanishes for units that are always on or off: just those that should move. Lee,
Ekanadham and Ng, "Sparse deep belief net model for visual area V2", 2008; recalled.
"""

import jax
import optax

from dbench.models import disbm_machine as machines
from dbench.models.disbm_machine import Units


def optimiser(name: str, rate, momentum, clip) -> optax.GradientTransformation:
    """Adam; or SGD with momentum, gradients shortened to a norm of `clip`."""
    if name == "adam":
        return optax.adam(rate, b1=momentum)
    return optax.chain(optax.clip_by_global_norm(clip), optax.sgd(rate, momentum=momentum))


def learned(params: dict, direct: str) -> dict:
    """Parameters whose direct weights of the first group take no gradient, if so said."""
    if direct == "all":
        return params
    first, *others = params["direct"]
    return params | {"direct": [jax.lax.stop_gradient(first), *others]}


def settled(params: dict, active: Units, centring, sparsity, target) -> dict:
    """Offsets and biases after a step; `active` [J_k] are the means of a batch."""
    biases = [c + sparsity * (target - a) for c, a in zip(params["unit_bias"], active, strict=True)]
    params = params | {"unit_bias": biases}
    if len(active) != 2:  # of more groups it would be another machine
        return params
    follow = [o + centring * (a - o) for o, a in zip(params["unit_offset"], active, strict=True)]
    return machines.recentre(params, follow)
