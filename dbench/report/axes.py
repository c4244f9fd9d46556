"""The axis of a score, and on which side of its mark a label stands."""

import altair as alt
import numpy as np
import pandas as pd

NAMES = {
    "reconstruction": "reconstruction error, nats",
    "total_correlation": "TC, nats",
    "kl": "KL, nats",
    "elbo": "ELBO, nats",
}
PADDING = 9  # pixels, about 3% of a chart: no mark is cut at the edge
SIDES = {  # dx, dy, align, baseline of a label beside a mark of 11 pixels
    "above": (0, -8, "center", "bottom"),
    "right": (8, 0, "left", "middle"),
    "below": (0, 9, "center", "top"),
    "left": (-8, 0, "right", "middle"),
}
LETTER, LINE, MARK = 6.5, 11, 11  # pixels of a label's text, and of a mark


def axis_of(channel, field: str, title: str, values: pd.Series, metric: str):
    """Of errors that differ tenfold, as of untrained nets, an axis of their logarithm.

    Of one value alone an axis from a tenth less to a tenth more.
    """
    if logarithmic(values, metric):
        scale = alt.Scale(type="log", nice=False, padding=PADDING)
        return channel(f"{field}:Q", title=f"{title} (logarithmic)", scale=scale)
    if values.nunique() == 1:  # Vega rounds its one tick, so that a score of 0.1 would stand at 0
        only = float(values.iloc[0])
        margin = abs(only) / 10 or 1.0
        scale = alt.Scale(domain=[only - margin, only + margin], nice=False)
        return channel(f"{field}:Q", title=title, scale=scale)
    # In pixels, and not a domain: the axis follows what the page's filter leaves.
    return channel(f"{field}:Q", title=title, scale=alt.Scale(zero=False, padding=PADDING))


def logarithmic(values: pd.Series, metric: str) -> bool:
    return metric == "reconstruction" and 0 < 10 * values.min() < values.max()


def sides(x: np.ndarray, y: np.ndarray, labels: list[str]) -> list[str]:
    """For marks at pixels `x`, `y` (down) the side of SIDES where each label covers least.

    One after the other; a label covers marks, of which it may touch none, and labels before it.
    """
    half = MARK / 2
    boxes = [(a - half, b - half, a + half, b + half) for a, b in zip(x, y, strict=True)]
    found = []
    for a, b, label in zip(x, y, labels, strict=True):
        places = {side: _box(a, b, label, side) for side in SIDES}
        covered = {side: _overlap(np.array(boxes), box) for side, box in places.items()}
        best = min(covered, key=lambda side: covered[side])  # the first of SIDES, of equal ones
        found.append(best)
        boxes += [places[best]] if label else []
    return found


def _box(x: float, y: float, label: str, side: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    dx, dy, align, baseline = SIDES[side]
    wide = LETTER * len(label)
    left = x + dx - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    top = y + dy - LINE * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[baseline]
    return left, top, left + wide, top + LINE


def _overlap(boxes: np.ndarray, box: tuple[float, float, float, float]) -> float:
    """Square pixels of `box` that `boxes` cover."""
    left, top, right, bottom = boxes.T
    across = np.minimum(right, box[2]) - np.maximum(left, box[0])
    down = np.minimum(bottom, box[3]) - np.maximum(top, box[1])
    return float((across.clip(0) * down.clip(0)).sum())
