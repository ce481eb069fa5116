"""exp, log, cos, sin, logistic and normal function of whole arrays, with elementary.py's bits.

NumPy's own differ from processor to processor in the last digit. Each takes an array of any shape,
float32 or float64 (whole numbers become float64), and returns a new one.
"""

from collections.abc import Callable

import numpy as np

from rosenblatt.kernels.core import elementary
from rosenblatt.kernels.core.jit import kernel
from rosenblatt.kernels.core.normal import normal


@kernel
def _exp(x, out):
    for i in range(x.size):
        out[i] = elementary.exp(x[i])


@kernel
def _log(x, out):
    for i in range(x.size):
        out[i] = elementary.log(x[i])


@kernel
def _cos(x, out):
    for i in range(x.size):
        out[i] = elementary.cos(x[i])


@kernel
def _sin(x, out):
    for i in range(x.size):
        out[i] = elementary.sin(x[i])


@kernel
def _sigmoid(x, out):
    for i in range(x.size):
        out[i] = elementary.sigmoid(x[i])


@kernel
def _normal_share(x, out):
    for i in range(x.size):
        out[i] = normal(x[i])[0]


def _each(function: Callable[[np.ndarray, np.ndarray], None], x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    x = np.asarray(x, np.float32 if x.dtype == np.float32 else np.float64, order="C")
    out = np.empty(x.shape, x.dtype)
    function(x.reshape(-1), out.reshape(-1))
    return out


def exp(x: np.ndarray) -> np.ndarray:
    """Return e^x."""
    return _each(_exp, x)


def log(x: np.ndarray) -> np.ndarray:
    """Return the natural logarithm; -inf of 0, NaN below."""
    return _each(_log, x)


def cos(x: np.ndarray) -> np.ndarray:
    """Return the cosine of an angle in radians."""
    return _each(_cos, x)


def sin(x: np.ndarray) -> np.ndarray:
    """Return the sine of an angle in radians."""
    return _each(_sin, x)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + e^-x)."""
    return _each(_sigmoid, x)


def normal_share(x: np.ndarray) -> np.ndarray:
    """Return the share of the standard normal distribution below x."""
    return _each(_normal_share, x)
