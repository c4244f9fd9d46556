"""The inner loops of boosted trees, compiled: see boosting.py for what they compute.

Arrays of n rows, d features, t trees a stage. Everything runs in one thread without Python's lock.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

EPSILON = np.finfo(np.float64).eps  # a node of no more variance than this is a leaf
SAME = np.float32(1e-7)  # neighbours this close are one value: no threshold between them
TINY = 1e-150  # a leaf whose denominator is below this adds nothing
UNITS = 2.0**61  # sums of units are below twice this, which an int64 holds

compiled = njit(nogil=True, cache=True, error_model="numpy")


class Lists(NamedTuple):
    """What the fit of all trees shares."""

    x: np.ndarray  # [d, n] float32
    order: np.ndarray  # [depth, d, n] uint32, rows by node, then feature: a list for each level
    right: np.ndarray  # [n] bool, side of each row in the split being made
    units: np.ndarray  # [n] int64, residuals as used in the node being split
    weight: np.ndarray  # [n] float64, 1 / (rows on the left * rows on the right)
    visit: np.ndarray  # [d] int64, the order in which a node looks at features
    state: np.ndarray  # [1] uint64, of the generator of those orders


@compiled
def boost(lists, label, scores, rate, features, thresholds, steps, decrease):
    """Grow the trees of all stages into the last four arrays; `scores` [t, n] follow."""
    trees = len(scores)
    residual = np.empty(scores.shape)
    factor = (trees - 1) / trees if trees > 1 else 1.0
    for stage in range(len(features)):
        if trees > 1:
            softmax_residuals(label, scores, residual)
        elif trees:
            sigmoid_residuals(label, scores[0], residual[0])
        for k in range(trees):
            target = (label == k) if trees > 1 else (label == 1)
            tree = features[stage, k], thresholds[stage, k], steps[stage, k]
            grow(lists, target, residual[k], scores[k], rate, factor, tree, decrease)


@compiled
def softmax_residuals(label, scores, residual):
    """[label = k] - softmax(scores), [t, n], by whole rows of memory."""
    n = len(label)
    top, total = scores[0].copy(), np.zeros(n)
    for k in range(1, len(scores)):
        for i in range(n):
            top[i] = max(top[i], scores[k, i])
    for k in range(len(scores)):
        for i in range(n):
            residual[k, i] = math.exp(scores[k, i] - top[i])
            total[i] += residual[k, i]
    for k in range(len(scores)):
        for i in range(n):
            residual[k, i] = (label[i] == k) - residual[k, i] / total[i]


@compiled
def sigmoid_residuals(label, score, residual):
    """label - sigmoid(score), [n], without loss of digits where the sigmoid is near 0 or 1."""
    for i in range(len(label)):
        if score[i] > -37:  # below, 1 + exp(score) is 1, and exp(-score) may overflow
            e = math.exp(-score[i])
            residual[i] = (e if label[i] else -1.0) / (1 + e)
        else:
            residual[i] = label[i] - math.exp(score[i])


@compiled
def grow(lists, target, residual, score, rate, factor, tree, decrease):
    """Grow one tree, add its steps to `score` [n] and its gains to `decrease` [d]."""
    features, thresholds, steps = tree
    depth, _, n = lists.order.shape
    start, stop = np.zeros((2, len(features)), np.int64)  # of a node's rows in the lists
    stop[0], level = n, 0
    for node in range(len(features)):
        lo, hi = start[node], stop[node]
        level += node + 1 == 2 << level
        if lo == hi:
            continue  # beneath a leaf
        order = lists.order[level, :, lo:hi]
        # A node that is not split sends its rows left, to this leaf.
        leaf = ((node + 1) << (depth - level)) - len(steps)
        unit = to_units(residual, order[0], lists.units)
        gain, f, at = best_split(lists, order) if unit > 0 else (0.0, -1, 0)
        if f < 0:
            steps[leaf] = step(residual, target, order[0], score, rate, factor)
            continue
        left, right = order[f, :at], order[f, at:]
        features[node] = f
        thresholds[node] = lists.x[f, left[-1]] / 2.0 + lists.x[f, right[0]] / 2.0
        decrease[f] += gain * unit * unit / (hi - lo) / n
        if level + 1 < depth:
            start[2 * node + 1], stop[2 * node + 1] = lo, lo + at
            start[2 * node + 2], stop[2 * node + 2] = lo + at, hi
            divide(order, left, right, lists.right, lists.order[level + 1, :, lo:hi])
        else:
            steps[leaf] = step(residual, target, left, score, rate, factor)
            steps[leaf + 1] = step(residual, target, right, score, rate, factor)


@compiled
def to_units(residual, rows, units):
    """Set `units` [n] at the rows of a node, sum 0, and return what one is of a residual.

    0 if the node is a leaf, with all residuals the same.
    """
    n, total, size = len(rows), 0.0, 0.0
    for row in rows:
        total += residual[row]
        size += abs(residual[row])
    mean, square, whole = total / n, 0.0, 0
    scale = UNITS / (n * size) if size > 0 else 0.0
    for row in rows:
        square += (residual[row] - mean) ** 2
        units[row] = np.int64(residual[row] * scale)
        whole += units[row]
    if square / n <= EPSILON:
        return 0.0
    for row in rows:
        units[row] = n * units[row] - whole  # n times the distance from the mean, no rounding
    return 1 / scale


@compiled
def best_split(lists, order):
    """The split of most gain of a node's lists [d, n]: gain, feature (-1 if none), rows left.

    Gain is (sum of units on the left)^2 / (rows left * rows right).
    """
    x, units, weight, visit = lists.x, lists.units, lists.weight, lists.visit
    best, feature, at, n = -1.0, -1, 0, order.shape[1]
    for i in range(n - 1):
        weight[i] = 1 / ((i + 1.0) * (n - 1.0 - i))
    shuffle(visit, lists.state)
    for f in visit:
        rows, values = order[f], x[f]
        if values[rows[-1]] <= values[rows[0]] + SAME:
            continue
        total = 0
        for i in range(n - 1):
            total += units[rows[i]]
            gain = np.float64(total) * np.float64(total) * weight[i]
            # Gains rise seldom, so the values are looked up last.
            if gain > best and values[rows[i + 1]] > values[rows[i]] + SAME:
                best, feature, at = gain, f, i + 1
    return best, feature, at


@compiled
def shuffle(visit, state):
    """Fisher-Yates by splitmix64 (Steele, Lea and Flood 2014)."""
    for i in range(len(visit) - 1, 0, -1):
        state[0] += np.uint64(0x9E3779B97F4A7C15)
        z = state[0]
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        j = np.int64((z ^ (z >> np.uint64(31))) % np.uint64(i + 1))
        visit[i], visit[j] = visit[j], visit[i]


@compiled
def divide(order, left, right, goes_right, out):
    """Split each list of a node [d, n] into `out`, rows on the left first, in their order."""
    goes_right[left], goes_right[right] = False, True
    for f in range(len(order)):
        rows, to = order[f], out[f]
        # Unsigned, as numba then leaves out the test for a negative index.
        to_left, to_right = np.uint64(0), np.uint64(len(left))
        for i in range(len(rows)):
            side = goes_right[rows[i]]
            to[to_right if side else to_left] = rows[i]
            to_right += np.uint64(side)
            to_left += np.uint64(not side)


@compiled
def step(residual, target, rows, score, rate, factor):
    """A leaf's Newton step times the rate, added to `score` [n] at its rows."""
    slope, curvature, n = 0.0, 0.0, len(rows)
    for row in rows:
        p = target[row] - residual[row]
        slope += residual[row]
        curvature += p * (1 - p)
    slope, curvature = slope / n * factor, curvature / n
    value = 0.0 if abs(curvature) < TINY else slope / curvature * rate
    for row in rows:
        score[row] += value
    return value


@compiled
def add_trees(x, features, thresholds, steps, scores):
    """Add the steps of all trees at x [m, d] to `scores` [t, m]."""
    stages, trees, inner = features.shape
    for stage in range(stages):
        for k in range(trees):
            feature, threshold = features[stage, k], thresholds[stage, k]
            for i in range(len(x)):
                node = 0
                while node < inner:
                    node = 2 * node + 1 + (x[i, feature[node]] > threshold[node])
                scores[k, i] += steps[stage, k, node - inner]
