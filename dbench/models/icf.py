"""Independently Controllable Factors: an agent learns codes that it can change one at a time.

The agent sees an image s, acts, and sees the image s' (data/actions.py). Each code f_k has a
policy pi_k. A code is selective if, under its own policy, it alone changes:

    loss      lambda_r |x - x^|^2 - lambda_s E_s E_a mean_k pi_k(a|s) r_k
    D_k       f_k(s') - f_k(s),  f = tanh of the encoder's head
    r_k       released   D_k / (e + sum_j max(D_j, 0))
              log        log(1/K + max(D_k, 0) / (e + sum_j max(D_j, 0)))
              absolute   |D_k| / (e + sum_j |D_j|)
              paper      log(1/K + |D_k| / (e + sum_j |D_j|))
              continuous see icf_continuous.py

with K codes, e = 1e-4, s and a uniform. Thomas, Pondard, Bengio, Sarfati, Beaudoin, Meurs, Pineau,
Precup and Bengio, "Independently Controllable Factors", 2017, and Bengio, Thomas, Pineau, Precup
and Bengio, "Independently Controllable Features", 2017. The text has selectivity as the expected
share of a code among all absolute changes, its logarithm maximised (recalled, not seen: "paper").
The program that one of the authors published ("released", the default here; its settings are the
other defaults) differs in three ways: no logarithm, and directed, so that a code stands for one
direction of a factor, and there must be as many codes as actions; the reward multiplies pi_k and
the expectation is differentiated, where the text has REINFORCE; and the decoder reads the layer
before the codes, so that reconstruction shapes what the codes are made of and not the codes.
"log" is what another reproduction has.

Departures from that program: codes grow under their policy where theirs fall (a sign); its decoder
reads its second convolution, ours `units` features beside the codes; the pixels of x^ are the
sigmoid of the decoder's output; |.|^2 is the mean over pixels of s. To show what the codes say, a
decoder of codes is trained beside it: its gradient never reaches the encoder. Departures from the
text: 1/K inside the logarithm, which is finite where a code does not change; the reward is
differentiated too. Adam, its rate times 0.99 after every 500 steps.

An option of ours, for dark images: logits that begin at the mean brightness (`begin`). Without it
a decoder that reads the codes drives them to their ends (benchmarks/icf_control.py).
"""

from typing import Annotated, Literal

import jax
import jax.numpy as jnp
import optax

from dbench.base import Dataset, Model, State
from dbench.data import actions as moves
from dbench.models import brightness, icf_continuous, losses
from dbench.models.vae import apply
from dbench.nets.acting import acting

SMALL = 1e-4  # e
DECAY, EPOCH = 0.99, 500  # of the learning rate
Form = Literal["released", "log", "absolute", "paper", "continuous"]


def rewards(change: jax.Array, form: str) -> jax.Array:
    """r_k of changes D [b, d]: [b, d]."""
    directed = form in ("released", "log")
    size = jax.nn.relu(change) if directed else jnp.abs(change)
    whole = SMALL + size.sum(axis=1, keepdims=True)
    share = (change if form == "released" else size) / whole
    return jnp.log(1 / change.shape[1] + share) if form in ("log", "paper") else share


def icf(
    shape: tuple[int, int, int],
    *,
    net: str = "shallow",
    latents: Annotated[int, 2] = 6,
    learning_rate: float = 5e-4,
    actions: str = "x,y",
    form: Form = "released",
    reconstruct: Literal["features", "codes"] = "features",
    selectivity: float = 1.0,
    reconstruction: float = 0.1,
    units: int = 32,
    begin: Literal["grey", "mean"] = "grey",
) -> Model:
    """Codes that an agent can change one at a time, each by a policy of its own (Thomas 2017).

    `actions` as in data/actions.py; `form` of the reward, see above: of these `released` alone was
    seen to find coordinates; `reconstruct` from `units` features beside the codes, or from the
    codes; `selectivity`, `reconstruction` >= 0 weigh the two terms; `begin` is the decoders' image
    before training, grey or the mean brightness of the first batch. Logs, means over the batch:
    loss; squared_error; reward, of an action drawn from each policy; first_action, the probability
    of a policy's most likely action; reconstruction, nats of the decoder of codes.
    """
    count, continuous = len(moves.listed(actions)), form == "continuous"
    beside, offset = reconstruct == "features", begin == "mean"
    own = acting(shape, net, latents, units * beside, 0 if continuous else count)
    imagined = icf_continuous.Policies(count, latents) if continuous else None
    optimizer = optax.adam(decayed(learning_rate))

    def extra(dataset: Dataset):
        return moves.actions(dataset, actions, "icf")

    def init(key):
        params = own.init(key)
        if offset:
            params[brightness.OFFSET] = jnp.zeros(shape[2])
        if imagined:
            params["imagined"] = imagined.init(jax.random.fold_in(key, 1))
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def lit(params, logits):
        return logits + brightness.offset(params) if offset else logits

    def loss(params, images, chosen, key):
        seen = own.see(params, images)  # first states, then the next ones
        before, after = jnp.split(seen.codes, 2)
        if imagined:
            term, first = imagined.term(params["imagined"], key, before, after - before, chosen)
        else:
            policies = jnp.exp(jnp.split(seen.policies, 2)[0])
            taken = jnp.take_along_axis(policies, chosen[:, None, None], axis=2)[..., 0]
            term = (taken * rewards(after - before, form)).mean()
            first = policies.max(axis=2).mean()
        states = images[: len(before)]
        codes = jax.lax.stop_gradient(before) if beside else before
        logits = lit(params, own.logits(params, codes))
        nats = losses.bernoulli(logits, states).mean()
        if beside:
            logits = lit(params, own.beside(params, jnp.split(seen.features, 2)[0]))
        error = ((jax.nn.sigmoid(logits) - states) ** 2).mean()
        total = reconstruction * error - selectivity * term
        logs = {"squared_error": error, "reward": count * term, "first_action": first}
        return total + nats * beside, {"loss": total, "reconstruction": nats} | logs

    def update(state, sampler, key):
        key_rows, key_action, key_factors = jax.random.split(key, 3)
        rows = sampler.rows(key_rows)
        chosen = jax.random.randint(key_action, rows.shape, 0, count)
        after = moves.step(moves.Actions(*sampler.extra), rows, chosen)
        images = sampler.gather(jnp.concatenate([rows, after]))
        before = state.params
        if offset:
            before = brightness.begun(before, images, state.step)
        grads, logs = jax.grad(loss, has_aux=True)(before, images, chosen, key_factors)
        params, moments = apply(optimizer, grads, state.optimizer, before)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        return own.see(params, images).codes, None

    def decode(params, codes):
        return jax.nn.sigmoid(lit(params, own.logits(params, codes)))

    def act(params, images):
        seen = own.see(params, images)
        return (
            imagined.of_codes(params["imagined"], seen.codes)
            if imagined
            else jnp.exp(seen.policies)
        )

    return Model(init, update, encode, decode, extra, act=act, actions=actions, ends=(-1.0, 1.0))


def decayed(rate: float):
    """The learning rate by step."""
    return lambda step: rate * DECAY ** (step // EPOCH)
