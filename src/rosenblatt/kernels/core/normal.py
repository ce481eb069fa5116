"""The standard normal distribution; bits and types as in elementary.py.

The share above a >= 0 is e^(-a^2 / 2) times a function of t = 1 / (1 + c a) that is smooth. For
float32 it is t P(t), with the polynomial P whose largest relative error is least, 3.5e-9 up to
a = 14.6, by Lawson's algorithm; beyond, e^(-a^2 / 2) is 0. For float64 it is half of
erfc(a / sqrt 2): the exponent of a sum of Chebyshev polynomials of 4 t - 2 (Press et al. 2007,
Numerical Recipes, section 6.2.2), whose coefficients are the discrete cosine transform at 60 nodes,
computed with 40 digits.
"""

import numpy as np

from rosenblatt.kernels.core.elementary import _by_dtype, _exp_difference_float, exp
from rosenblatt.kernels.core.jit import inlined_kernel

F32, F64, I32 = np.float32, np.float64, np.int32
HALF, ONE, SLOWNESS = F32(0.5), F32(1), F32(0.3)
HIGH_BITS = I32(~0xFFF)  # of a number: half of its digits, so that its square is exact
POWERS = tuple(
    F32(value)
    for value in (
        -0.02062490097, 0.1124436586, -0.228233223, 0.1918117507, -0.07944709641,
        0.0961700807, 0.07838484924, 0.1102365051, 0.1195716772, 0.1196866972,
    )
)  # fmt: skip
ROOT_HALF = F64(0.70710678118654752440)
TERMS = np.array(
    [
        -1.302653719781709434, 0.6419697923564902603, 0.01947647320418583631,
        -0.009561514786808631642, -0.0009465953444820368663, 0.0003668394978527614519,
        4.252332480690777164e-5, -2.027857811253424315e-5, -1.624290004647025513e-6,
        1.303655835580523202e-6, 1.562644172206614318e-8, -8.523809591492654253e-8,
        6.529054439098851496e-9, 5.059343495551468942e-9, -9.913641564930330867e-10,
        -2.273651222931835856e-10, 9.646791102015526802e-11, 2.394038083039114745e-12,
        -6.886027526497553398e-12, 8.944879273090725717e-13, 3.130921399342958078e-13,
        -1.127082236136725237e-13, 3.810905255189232056e-16, 7.106097613609236988e-15,
        -1.523028201457104304e-15, -9.457494571291234004e-17, 1.210237189224278993e-16,
        -2.816663087747176976e-17,
    ]
)  # fmt: skip


@inlined_kernel
def _normal_float(x):
    """Return the share below x and e^(-x^2 / 2), without a loop, so that a caller's runs in
    vectors; both right to about 4e-7 of themselves."""
    a = F32(abs(x))
    high = I32(a.view(np.int32) & HIGH_BITS).view(np.float32)
    rest = (a - high) * (a + high) * HALF  # of a^2 / 2, which float32 does not hold
    e = _exp_difference_float(-HALF * high * high, rest)
    t = ONE / (ONE + SLOWNESS * a)
    p = POWERS[0] * t + POWERS[1]
    p = p * t + POWERS[2]
    p = p * t + POWERS[3]
    p = p * t + POWERS[4]
    p = p * t + POWERS[5]
    p = p * t + POWERS[6]
    p = p * t + POWERS[7]
    p = p * t + POWERS[8]
    p = p * t + POWERS[9]
    above = e * (t * p)
    return (ONE - above if x > 0 else above), e


@inlined_kernel
def _normal_double(x):
    """Return the share below x, right to 5e-14 of it down to x = -13 (4e-13 down to -37), and
    e^(-x^2 / 2)."""
    z = abs(x) * ROOT_HALF
    t = F64(2) / (F64(2) + z)
    y = F64(4) * t - F64(2)
    d, before = F64(0), F64(0)
    for j in range(TERMS.size - 1, 0, -1):  # Clenshaw's recurrence
        d, before = y * d - before + TERMS[j], d
    above = F64(0.5) * t * exp(-z * z + F64(0.5) * (TERMS[0] + y * d) - before)
    return (F64(1) - above if x > 0 else above), exp(F64(-0.5) * x * x)


normal = _by_dtype(_normal_float, _normal_double)
