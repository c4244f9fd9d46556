"""Hidden units of a DisBM given images: by mean field, and by chains; images may be clamped.

Mean field q(h) = prod of independent units: `rounds` rounds, each group in turn by the first line
with means in place of states, which never raises the variational free energy

    E(v, q) - H(q) >= F(v) = - log sum_h exp(-E(v, h)),

E at the means being exact, as E is linear in each group alone.

Clamped, two images share the units of a group: their energies are added, and so is what the two
give to the shared units. Arrays are then [2, n, .] and `shared` [K, n] says which pair shares which
group; of single images they are [n, .] and `shared` is None.
"""

import jax
import jax.numpy as jnp

from dbench.models import disbm_machine as machines
from dbench.models.disbm_machine import Machine, Units, Visible


def together(logits: jax.Array, shared: jax.Array | None, k: int) -> jax.Array:
    """Logits [2, n, J] of group k, those of both images added where a pair shares it."""
    if shared is None:
        return logits
    return jnp.where(shared[k][None, :, None], logits.sum(axis=0, keepdims=True), logits)


def mean_field(
    machine: Machine,
    params: dict,
    pixels: jax.Array,
    labels: jax.Array | None = None,
    shared: jax.Array | None = None,
    rounds: int = 10,
) -> Units:
    """Means of hidden units given pixels [..., D], after `rounds` rounds.

    It begins without interactions. Labels that are not given are one more part of the mean field.
    """
    seen = machines.see(machine, params, pixels)
    if machine.labels and labels is not None:
        seen = machines.told(params, seen, labels)

    def step(hidden, _):
        for k in range(len(machine.units)):
            now = seen
            if machine.labels and labels is None:
                now = machines.told(params, seen, machines.label_chances(machine, params, hidden))
            logits = together(machines.drive(machine, params, now, hidden, k), shared, k)
            hidden = [*hidden[:k], jax.nn.sigmoid(logits), *hidden[k + 1 :]]
        return hidden, None

    start = [
        jax.nn.sigmoid(together(logits, shared, k)) + jnp.zeros_like(logits)
        for k, logits in enumerate(seen.inputs)
    ]
    return jax.lax.scan(step, start, length=rounds)[0]


def sweep(
    machine: Machine,
    params: dict,
    visible: Visible,
    hidden: Units,
    key: jax.Array,
    shared: jax.Array | None = None,
) -> tuple[Visible, Units, jax.Array]:
    """One round of Gibbs sampling: hidden groups in turn, then what is visible, and E[v | h]."""
    keys = jax.random.split(key, len(machine.units) + 2)
    seen = machines.see(machine, params, visible.pixels)
    if machine.labels and visible.labels is not None:
        seen = machines.told(params, seen, visible.labels)
    for k in range(len(machine.units)):
        logits = together(machines.drive(machine, params, seen, hidden, k), shared, k)
        drawn = draw(keys[k], jax.nn.sigmoid(logits), None if shared is None else shared[k])
        hidden = [*hidden[:k], drawn, *hidden[k + 1 :]]
    means = machines.pixel_means(machine, params, hidden)
    if machine.gaussian:
        pixels = means + jax.random.normal(keys[-1], means.shape)
    else:
        pixels = draw(keys[-1], means)
    labels = visible.labels
    if machine.labels:
        chances = machines.label_chances(machine, params, hidden)
        picked = jax.random.categorical(keys[-2], jnp.log(chances))
        labels = jax.nn.one_hot(picked, machine.labels)
    return Visible(pixels, labels), hidden, means


def draw(key: jax.Array, means: jax.Array, shared: jax.Array | None = None) -> jax.Array:
    """States of binary units [..., J]; where a pair shares them [n], both images get one draw."""
    uniform = jax.random.uniform(key, means.shape)
    if shared is not None:
        uniform = jnp.where(shared[None, :, None], uniform[:1], uniform)
    return (uniform < means).astype(jnp.float32)


def start(
    machine: Machine, kept: tuple[int, ...], key: jax.Array
) -> tuple[Visible, list[jax.Array]]:
    """Where chains begin that nothing is known of: states [*kept, .]."""
    first, second = jax.random.split(key)
    pixels = jax.random.uniform(first, (*kept, machine.pixels))
    labels = None
    if machine.labels:
        picked = jax.random.randint(second, kept, 0, machine.labels)
        labels = jax.nn.one_hot(picked, machine.labels)
    hidden = [jnp.full((*kept, j), 0.5) for j in machine.units]
    return Visible(pixels if machine.gaussian else jnp.round(pixels), labels), hidden
