"""How far two sums of floats may be apart: from the arithmetic, not from one processor.

Processors sum in different orders (4, 8 or 16 numbers at a time, products fused or not) and
so round differently. A rounding is off by at most half of epsilon times what is rounded, up
or down alike: n of them come to about sqrt(n) of one, as steps of a walk (Higham and Mary
2019, "A new approach to probabilistic rounding error analysis"). A whole epsilon for each
leaves a factor of four beside the mean size of a rounding, for any order of the sum.
"""

import numpy as np


def rounding(n: int, dtype: type = np.float32) -> float:
    """A sum of `n` products may be off by this share of the largest of the sums around it."""
    return float(np.sqrt(n) * np.finfo(dtype).eps)


def chain(*sums: int, dtype: type = np.float32) -> float:
    """The same of a number that went through several sums, one after another, as layers."""
    return sum(rounding(n, dtype) for n in sums)
