"""Which setting brings ICF without selectivity, the control of icf_dsprites, off the mean image?

    python benchmarks/icf_control.py [--trials released,bernoulli] [--steps 1500]

The control is an autoencoder with tanh codes: net `compact`, 12 codes, batches of 64, Adam at 1e-3.
Each trial changes what its row of `TRIALS` says, and nothing else. Its own loop, not the model's:
the policies and the actions, which have no gradient here, are left out. One seed each. Printed:

    squared   mean squared error of a pixel at the end, of the mean image .038 (one grey: .040)
    left      the first step, of those looked at, with a squared error below .03
    nats      reconstruction of an image; the mean image has about 570
    spread    deviation of a code over 1,024 images, mean over codes
    ends      share of the codes' values beyond .99 either way
    dead      units of the encoder's last hidden layer that are 0 in all 1,024 images, share
    still     the same of the decoder's first layer, of units that are the same in all images
    gradient  median absolute gradient of the encoder's weights at step 100; Adam adds 1e-8 to its
              root mean square, so that what is below hardly moves
    seconds   of processor time, compilation included

Expected, written before the trials:

    released   .038, as in the study: constant codes
    scale      the whole loss times 4,096: if gradients are near Adam's 1e-8, this alone leaves the
               mean image; the balance with selectivity would be kept by scaling it too
    bernoulli  the loss of `autoencoder`, nats of an image: below .03 within 500 steps
    pixels     the same, a mean over pixels, times .1: as bernoulli, if scale is not the cause
    begun      the decoder begins at the mean brightness: units stay alive, and still .038, as the
               sigmoid's slope at .04 is a twenty-fifth of its input's
    begun_scale, begun_bernoulli   both: sooner than one alone
    linear     no tanh: as released, unless ends is above .5 there
    large      batches of 256: as released
    warm       the rate grows over the first 500 steps: as released, with fewer dead units
"""

import argparse
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from printing import markdown, say  # beside this file

from dbench import data
from dbench.models import losses
from dbench.nets import vaes

RELEASED = {
    "loss": "squared",
    "weight": 0.1,
    "begun": False,
    "squash": True,
    "batch": 64,
    "warm": 0,
    "rate": 1e-3,
}
WHOLE = {"weight": 0.1 * 4096}
NATS = {"loss": "bernoulli", "weight": 1.0}
TRIALS: dict[str, dict] = {
    "released": {},
    "scale": WHOLE,
    "bernoulli": NATS,
    "pixels": NATS | {"weight": 0.1 / 4096},
    "begun": {"begun": True},
    "begun_scale": WHOLE | {"begun": True},
    "begun_bernoulli": NATS | {"begun": True},
    "linear": {"squash": False},
    "large": {"batch": 256},
    "warm": {"warm": 500},
}
LOOKS = 50  # steps between two looks at the squared error


def trial(dataset, name: str, steps: int) -> dict[str, float]:
    """Trains the control and looks at it; the columns of a row."""
    how = RELEASED | TRIALS[name]
    net, began = vaes.build("compact", dataset.shape, 12), time.process_time()
    rate = optax.linear_schedule(0.0, how["rate"], how["warm"]) if how["warm"] else how["rate"]
    optimizer = optax.adam(rate)
    keys = jax.random.split(jax.random.key(0), 3)
    some = dataset.gather(dataset.arrays, jax.random.randint(keys[2], (1024,), 0, dataset.size))
    brightness = some.mean()
    offset = how["begun"] * (jnp.log(brightness) - jnp.log1p(-brightness))

    def seen(params, images):
        head, _ = net.apply(params, images, method="encode")
        codes = jnp.tanh(head) if how["squash"] else head
        return codes, net.apply(params, codes, method="decode") + offset

    def loss(params, images):
        _, logits = seen(params, images)
        squared = ((jax.nn.sigmoid(logits) - images) ** 2).mean()
        nats = losses.bernoulli(logits, images).mean()
        return how["weight"] * (squared if how["loss"] == "squared" else nats), (squared, nats)

    def step(carry, key):
        params, moments = carry
        rows = jax.random.randint(key, (how["batch"],), 0, dataset.size)
        images = dataset.gather(dataset.arrays, rows)
        gradient, found = jax.grad(loss, has_aux=True)(params, images)
        updates, moments = optimizer.update(gradient, moments)
        return (optax.apply_updates(params, updates), moments), found

    @jax.jit
    def some_steps(carry, keys):
        carry, (squared, nats) = jax.lax.scan(step, carry, keys)
        return carry, squared.mean(), nats.mean()

    params = jax.jit(net.init)(keys[0], some[:1])
    carry, left, gradient = (params, optimizer.init(params)), np.nan, np.nan
    squared = nats = np.nan
    for i, chunk in enumerate(jax.random.split(keys[1], (steps // LOOKS, LOOKS))):
        carry, squared, nats = some_steps(carry, chunk)
        if np.isnan(left) and squared < 0.03:
            left = (i + 1) * LOOKS
        if (i + 1) * LOOKS == 100:
            gradient = median(jax.jit(jax.grad(loss, has_aux=True))(carry[0], some)[0])
    codes, hidden, first = jax.jit(partial(looked_at, net, seen))(carry[0], some)
    return {
        "squared": float(squared),
        "left": left,
        "nats": float(nats),
        "spread": float(codes.std(axis=0).mean()),
        "ends": float((abs(codes) > 0.99).mean()) if how["squash"] else np.nan,
        "dead": float((hidden <= 0).all(axis=0).mean()),
        "still": float((jnp.ptp(jax.nn.relu(first), axis=0) < 1e-6).mean()),
        "gradient": gradient,
        "seconds": time.process_time() - began,
    }


def median(gradient) -> float:
    """Of the absolute gradients of the encoder's kernels."""
    own = [gradient["params"][name]["kernel"] for name in ("hidden", "mean")]
    return float(jnp.median(jnp.concatenate([abs(x).ravel() for x in own])))


def looked_at(net, seen, params, images):
    """Codes, and the first layers beside them before their ReLU: of encoder and decoder."""
    codes, _ = seen(params, images)

    def inside(x, method, name):
        _, found = net.apply(
            params, x, method=method, capture_intermediates=True, mutable="intermediates"
        )
        return found["intermediates"][name]["__call__"][0]

    return codes, inside(images, "encode", "hidden"), inside(codes, "decode", "expand_0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", default=",".join(TRIALS))
    parser.add_argument("--steps", type=int, default=1500)
    arguments = parser.parse_args()
    dataset, rows, found = data.load("dsprites"), [], {}
    for name in arguments.trials.split(","):
        found = trial(dataset, name, arguments.steps)
        say(f"{name}: " + ", ".join(f"{key} {value:.3g}" for key, value in found.items()))
        rows.append([name, *(f"{value:.3g}" for value in found.values())])
    print(markdown(["trial", *found], rows, left=(0,)))


if __name__ == "__main__":
    main()
