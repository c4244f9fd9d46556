"""The machine of a DisBM: its energy and its conditionals.

Pixels x [D], K groups of binary hidden units s_k [J_k], F factors of interaction; maybe L label
units y, one of which is 1, on the first group. Centred, v = x - o and h_k = s_k - o_k:

    E(x, y, s) = - sum_f (v . a_f) prod_k (h_k . b_kf) - sum_k (v P_k + c_k) . h_k - v . d
                 - (y U) . h_1 - y . e   [+ |v|^2 / 2 if x is Gaussian]

Given all else, each part is simple:

    p(s_k = 1 | x, y, others) = sigmoid(c_k + v P_k [+ y U] + sum_f (v . a_f) b_kf
                                        prod_(l != k) (h_l . b_lf))
    x | s                     = Bernoulli of sigmoid(u), or o + N(u, 1),
                                u = d + sum_k P_k h_k + sum_f a_f prod_k (h_k . b_kf)
    y | s                     = softmax(e + U h_1)

The offset o of the pixels is one number, or one a pixel where the parameters have `pixel_offset`.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from dbench.models import brightness

Units = list[jax.Array]  # of each group: states or means [..., J_k]


class Machine(NamedTuple):
    """What a machine is made of; hashable."""

    pixels: int  # D
    units: tuple[int, ...]  # (K,) J_k
    factors: int  # F
    labels: int = 0  # L
    gaussian: bool = False
    pixel_offset: float = 0.0  # o, unless the parameters have one of each pixel


class Visible(NamedTuple):
    """What is seen, or would be."""

    pixels: jax.Array  # [..., D]
    labels: jax.Array | None = None  # [..., L], where there are any


class Seen(NamedTuple):
    """What hidden units get of the visible ones."""

    projected: jax.Array  # [..., F], v . a_f
    inputs: Units  # c_k + v P_k [+ y U]


def init(machine: Machine, key: jax.Array) -> dict[str, Any]:
    """Small random weights, biases 0, offsets 1/2; their scales are ours."""
    d, units, f, labels = machine[:4]
    keys = jax.random.split(key, 2 + 2 * len(units))
    normal = jax.random.normal
    found = {
        "pixel_factors": 0.2 / d**0.5 * normal(keys[0], (d, f)),
        "unit_factors": [
            2.0 / j**0.5 * normal(k, (j, f)) for j, k in zip(units, keys[2::2], strict=True)
        ],
        "direct": [0.01 * normal(k, (d, j)) for j, k in zip(units, keys[3::2], strict=True)],
        "unit_bias": [jnp.zeros(j) for j in units],
        "pixel_bias": jnp.zeros(d),
        "unit_offset": [jnp.full(j, 0.5) for j in units],
    }
    if labels:  # no empty arrays: they could not be spread over devices
        found["label_weights"] = 0.01 * normal(keys[1], (labels, units[0]))
        found["label_bias"] = jnp.zeros(labels)
    return found


def begun(machine: Machine, params: dict, mean: jax.Array) -> dict:
    """The parameters of a machine that makes the mean image [D].

    Pixels are centred about the mean; biases of Bernoulli pixels are its logits.
    """
    bias = {} if machine.gaussian else {"pixel_bias": brightness.logits(mean)}
    return params | {"pixel_offset": mean} | bias


def offset(machine: Machine, params: dict) -> jax.Array:
    """o, () or [D]; it is not learned."""
    found = params.get("pixel_offset", jnp.asarray(machine.pixel_offset))
    return jax.lax.stop_gradient(found)


def energy(machine: Machine, params: dict, visible: Visible, hidden: Units) -> jax.Array:
    """E [...] of states, or of means of independent units."""
    raw, labels = visible
    pixels, hidden = plus(raw, -offset(machine, params)), centred(params, hidden)
    joint = (pixels @ params["pixel_factors"]) * product(params, hidden)
    found = -joint.sum(axis=-1) - pixels @ params["pixel_bias"]
    for h, direct, bias in zip(hidden, params["direct"], params["unit_bias"], strict=True):
        found -= (plus(pixels @ direct, bias) * h).sum(axis=-1)
    if labels is not None and machine.labels:
        found -= ((labels @ params["label_weights"]) * hidden[0]).sum(axis=-1)
        found -= labels @ params["label_bias"]
    return found + (pixels**2).sum(axis=-1) / 2 if machine.gaussian else found


def centred(params: dict, hidden: Units) -> Units:
    """Units less their offsets, which are not learned by gradients."""
    offsets = jax.lax.stop_gradient(params["unit_offset"])
    return [plus(h, -o) for h, o in zip(hidden, offsets, strict=True)]


def recentre(params: dict, offsets: Units) -> dict:
    """The same machine of two groups about other offsets of its units.

    What a group's new offset takes from the interactions and from its direct weights goes to the
    direct weights of the other group and to the biases of pixels, so that energies change by a
    constant alone. (Of three groups what is left over would be an interaction of two.)
    """
    for k, new in enumerate(offsets):
        other, moved = 1 - k, new - params["unit_offset"][k]
        turn = moved @ params["unit_factors"][k]  # [F]
        direct, every = list(params["direct"]), list(params["unit_offset"])
        weights = (params["unit_factors"][other] * jnp.expand_dims(turn, 0)).T
        direct[other] = direct[other] + params["pixel_factors"] @ weights
        every[k] = new
        bias = params["pixel_bias"] + params["direct"][k] @ moved
        params = params | {"direct": direct, "pixel_bias": bias, "unit_offset": every}
    return params


def plus(x: jax.Array, bias: jax.Array) -> jax.Array:
    """x [..., j] and a bias [j] or ()."""
    return x + jnp.broadcast_to(bias, x.shape)


def product(params: dict, hidden: Units, without: int | None = None) -> jax.Array:
    """prod_k (h_k . b_kf) of centred units, maybe without one group, [..., F]."""
    found = jnp.ones(())
    for k, (h, weights) in enumerate(zip(hidden, params["unit_factors"], strict=True)):
        found = found if k == without else found * (h @ weights)
    return found


def see(machine: Machine, params: dict, pixels: jax.Array) -> Seen:
    """What hidden units get of pixels [..., D] alone."""
    pixels = plus(pixels, -offset(machine, params))
    inputs = [
        plus(pixels @ direct, bias)
        for direct, bias in zip(params["direct"], params["unit_bias"], strict=True)
    ]
    return Seen(pixels @ params["pixel_factors"], inputs)


def told(params: dict, seen: Seen, labels: jax.Array) -> Seen:
    """The same with what labels [..., L] give to the first group."""
    first, *others = seen.inputs
    return seen._replace(inputs=[first + labels @ params["label_weights"], *others])


def drive(machine: Machine, params: dict, seen: Seen, hidden: Units, k: int) -> jax.Array:
    """-dE/dh_k, the logits of group k given all else, [..., J_k]."""
    joint = seen.projected * product(params, centred(params, hidden), k)
    return seen.inputs[k] + joint @ params["unit_factors"][k].T


def label_chances(machine: Machine, params: dict, hidden: Units) -> jax.Array:
    """p(y | h) [..., L]."""
    first = centred(params, hidden)[0]
    return jax.nn.softmax(plus(first @ params["label_weights"].T, params["label_bias"]))


def pixel_means(machine: Machine, params: dict, hidden: Units) -> jax.Array:
    """E[v | h] [..., D]."""
    hidden = centred(params, hidden)
    found = product(params, hidden) @ params["pixel_factors"].T
    found = plus(found, params["pixel_bias"])
    for h, direct in zip(hidden, params["direct"], strict=True):
        found += h @ direct.T
    return plus(found, offset(machine, params)) if machine.gaussian else jax.nn.sigmoid(found)
