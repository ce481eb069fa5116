"""Intrinsics as functions that Python can call."""

import numba

from rosenblatt.kernels.core.jit import JIT_DISABLED


def callable_of(intrinsic, count):
    """Return a function of `count` arguments that calls the intrinsic."""
    if JIT_DISABLED:
        return intrinsic
    if count == 2:
        return numba.njit(lambda a, b: intrinsic(a, b))
    if count == 3:
        return numba.njit(lambda a, b, c: intrinsic(a, b, c))
    return numba.njit(lambda a, b, c, d: intrinsic(a, b, c, d))
