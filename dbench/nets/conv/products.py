"""What the other modules share: products of matrices, and the kernel of a gradient.

Shapes, here and in the other modules: b batch; h, w height and width of the input; c input and o
output channels.
"""


def product(x, kernel):
    """x [b, h, w, k] times the kernel seen as [k, n], -> [b, h, w, n].

    A plain product of two matrices: the gradient of one with more axes is slow on a CPU.
    """
    y = matrix(x) @ kernel.reshape(x.shape[3], -1)
    return y.reshape(*x.shape[:3], y.shape[1])


def flipped(kernel):
    """The kernel of the gradient by the input: turned by 180 degrees, [.., c, o] -> [.., o, c]."""
    return kernel[::-1, ::-1].swapaxes(2, 3)


def matrix(x):
    """[.., c] -> [n, c]."""
    return x.reshape(-1, x.shape[-1])
