"""The continuous form of ICF: a policy for each of the factors that are drawn for a state.

    phi_i     G(f(s), z_i) on the simplex, z_i ~ N(0, I_3), i = 1 .. M
    A_i       |phi_i . (f(s') - f(s))|
    r_i       log(1e-3 + A_i / mean_j A_j)
    term      E_s E_a mean_i pi(a | f(s), phi_i) r_i + (w/a) H(pi),  w = 1e-4, a actions

Thomas, Bengio, Fedus, Pondard, Beaudoin, Larochelle, Pineau, Precup and Bengio, "Disentangling the
Independently Controllable Factors of Variation by Interacting with the World", 2018, by a program
of one of its authors, whose defaults are not known to be the paper's. Departures: actions are
uniform and the expectation over the policy is differentiated (theirs: actor and critic, weighted by
importance); no model of the next state is learned; M is 16 (theirs 256); f is that of `icf`, with
tanh; the networks have one hidden layer of 64. Weights of that program, where the one on
reconstruction is 10,000 and the one here 20: set `reconstruction`, `selectivity`, `reconstruct`.
The policy of code k is that of the corner of the simplex where phi is k alone.
"""

from typing import Any

import jax
import jax.numpy as jnp

from dbench.nets.acting import NOISE, Imagined

DRAWN = 16  # M, factors a state
LEAST, ENTROPY = 1e-3, 1e-4
TINY = 1e-8  # a mean of changes that is 0


class Policies:
    """The two networks, as pure functions of their parameters."""

    def __init__(self, actions: int, latents: int):
        self.net, self.actions, self.latents = Imagined(actions), actions, latents

    def init(self, key):
        return self.net.init(key, jnp.zeros((1, self.latents)), jnp.zeros((1, 1, NOISE)))

    def term(self, params, key, codes, change, chosen) -> tuple[jax.Array, jax.Array]:
        """codes, change [b, d], chosen [b] -> what is maximised, mean of the first action's."""
        noise = jax.random.normal(key, (len(codes), DRAWN, NOISE))
        given: Any = self.net.apply(params, codes, noise)
        factors, logs = given
        taken = jnp.take_along_axis(jnp.exp(logs), chosen[:, None, None], axis=2)[..., 0]
        entropy = -(jnp.exp(logs) * logs).sum(axis=2).mean()
        term = (taken * rewards(factors, change)).mean() + ENTROPY / self.actions * entropy
        return term, jnp.exp(logs.max(axis=2)).mean()

    def of_codes(self, params, codes) -> jax.Array:
        """Probabilities [b, d, a] at the corners of the simplex."""
        corners = jnp.broadcast_to(jnp.eye(self.latents), (len(codes), *(self.latents,) * 2))
        logs: Any = self.net.apply(params, codes, corners, method="policies")
        return jnp.exp(logs)


def rewards(factors: jax.Array, change: jax.Array) -> jax.Array:
    """r_i of factors [b, m, d] and changes [b, d]: [b, m]."""
    size = jnp.abs(jnp.einsum("bmd,bd->bm", factors, change))
    return jnp.log(LEAST + size / (TINY + size.mean(axis=1, keepdims=True)))
