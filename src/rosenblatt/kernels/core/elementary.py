"""exp, log, tanh, sigmoid, sin, cos, angle, power from nothing but + - x / and integer shifts.

The libraries' own differ in the last bit from one processor to the next, and stop a loop from being
vectorised. These are IEEE arithmetic in a fixed order, without a branch, so they have the same bits
everywhere and run 4 to 16 numbers at a time inside any kernel's loop.

Each function takes one float32 or float64 number and returns the same type. float64 is right to
about 1e-15 (relative), float32 to about 2 units in the last place. NaN passes through.

Reduction after Cody & Waite (1980, Software Manual for the Elementary Functions): x = n c + r, with
c subtracted in parts short enough that each product is exact. Polynomials from Cephes (Moshier
1989) and FDLIBM (Sun Microsystems 1993).
"""

import numpy as np
from numba import types
from numba.extending import overload

from rosenblatt.kernels.core.jit import inlined_kernel


def _by_dtype(single, double):
    """Return a function of one number that calls `single` for float32 and `double` for float64."""

    def function(x):
        return single(x) if isinstance(x, np.float32) else double(np.float64(x))

    @overload(function, inline="always")  # a call left in a loop keeps it from vectors
    def choose(x):
        if x == types.float32:
            return lambda x: single(x)
        return (lambda x: double(x)) if x == types.float64 else None

    function.__doc__ = double.__doc__
    return function


F32, F64, I32, I64 = np.float32, np.float64, np.int32, np.int64


def _all(dtype, *values):
    return tuple(dtype(value) for value in values)


# Adding 1.5 x 2^23 (2^52) to a small number rounds it to a whole one, n, left in the lowest bits.
ROUND_F, ROUND_D = F32(1.5 * 2**23), F64(1.5 * 2**52)
ROUND_BITS_F, ROUND_BITS_D = ROUND_F.view(np.int32), ROUND_D.view(np.int64)

# exp ----------------------------------------------------------------------------------------------
LOG2_E_F, LOG2_E_D = F32(1.44269504088896341), F64(1.44269504088896341)
LN2_HIGH_F, LN2_LOW_F = F32(0.693359375), F32(-2.12194440e-4)
LN2_HIGH_D, LN2_LOW_D = F64(6.93145751953125e-1), F64(1.42860682030941723212e-6)
EXP_F = _all(
    F32,
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)
EXP_D = tuple(1 / F64(n) for n in np.cumprod(np.arange(1, 14, dtype=F64))[::-1])  # 1/13! ... 1/1!
EXP_LOW_F, EXP_HIGH_F = F32(-105), F32(89)
EXP_LOW_D, EXP_HIGH_D = F64(-746), F64(710)


@inlined_kernel
def _exp_difference_float(x, rest):
    """Return e^(x - rest), of a rest that is small, and would round x.

    x = n ln 2 + r, a polynomial in r, times 2^n in two halves (it may underflow).

    Below EXP_LOW nothing underflows, which takes Intel's processors 150 cycles: of the scores of
    hidden keys e^x is 0.
    """
    v = F32(0) if x < EXP_LOW_F else x
    v = EXP_HIGH_F if v > EXP_HIGH_F else v
    shifted = F32(v * LOG2_E_F + ROUND_F)
    whole = shifted - ROUND_F
    r = v - whole * LN2_HIGH_F
    r = r - whole * LN2_LOW_F
    r = r - rest
    p = EXP_F[0] * r + EXP_F[1]
    p = p * r + EXP_F[2]
    p = p * r + EXP_F[3]
    p = p * r + EXP_F[4]
    p = p * r + EXP_F[5]
    p = p * (r * r) + r + F32(1)
    n = I32(shifted.view(np.int32) - ROUND_BITS_F)
    half = I32(n >> I32(1))
    first = I32((half + I32(127)) << I32(23)).view(np.float32)
    second = I32((n - half + I32(127)) << I32(23)).view(np.float32)
    return F32(0) if x < EXP_LOW_F else p * first * second


@inlined_kernel
def _exp_float(x):
    """Return e^x; see _exp_double."""
    return _exp_difference_float(x, F32(0))


@inlined_kernel
def _exp_double(x):
    """Return e^x; above 709.78 (float32: 88.72) infinity, below -745.2 (-104) zero.

    x = n ln 2 + r, Taylor's series in r up to r^13 / 13!, times 2^n in two halves, each a normal
    number though e^x may not be.
    """
    v = F64(0) if x < EXP_LOW_D else x
    v = EXP_HIGH_D if v > EXP_HIGH_D else v
    shifted = F64(v * LOG2_E_D + ROUND_D)
    whole = shifted - ROUND_D
    r = v - whole * LN2_HIGH_D
    r = r - whole * LN2_LOW_D
    p = EXP_D[0] * r + EXP_D[1]
    p = p * r + EXP_D[2]
    p = p * r + EXP_D[3]
    p = p * r + EXP_D[4]
    p = p * r + EXP_D[5]
    p = p * r + EXP_D[6]
    p = p * r + EXP_D[7]
    p = p * r + EXP_D[8]
    p = p * r + EXP_D[9]
    p = p * r + EXP_D[10]
    p = p * r + EXP_D[11]
    p = p * (r * r) + r + F64(1)
    n = shifted.view(np.int64) - ROUND_BITS_D
    half = n >> I64(1)
    first = I64((half + I64(1023)) << I64(52)).view(np.float64)
    second = I64((n - half + I64(1023)) << I64(52)).view(np.float64)
    return F64(0) if x < EXP_LOW_D else p * first * second


exp = _by_dtype(_exp_float, _exp_double)

# log ----------------------------------------------------------------------------------------------
HALF_ROOT_BITS_F = F32(np.sqrt(0.5)).view(np.int32)
HALF_ROOT_BITS_D = F64(np.sqrt(0.5)).view(np.int64)
SMALLEST_F, SMALLEST_D = np.finfo(F32).tiny, np.finfo(F64).tiny
WHOLE_LN2_HIGH_F, WHOLE_LN2_LOW_F = F32(6.9313812256e-1), F32(9.0580006145e-6)
WHOLE_LN2_HIGH_D, WHOLE_LN2_LOW_D = F64(6.93147180369123816490e-1), F64(1.90821492927058770002e-10)
LOG_F = _all(F32, 0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841)
LOG_D = _all(
    F64,
    6.666666666666735130e-1,
    3.999999999940941908e-1,
    2.857142874366239149e-1,
    2.222219843214978396e-1,
    1.818357216161805012e-1,
    1.531383769920937332e-1,
    1.479819860511658591e-1,
)


@inlined_kernel
def _log_float(x):
    """Return the natural logarithm; see _log_double."""
    small = x < SMALLEST_F
    v = F32(x * F32(2**25) if small else x)
    bits = v.view(np.int32)
    n = I32(I32(bits - HALF_ROOT_BITS_F) >> I32(23))
    f = I32(bits - I32(n << I32(23))).view(np.float32) - F32(1)
    k = F32(n) - (F32(25) if small else F32(0))
    s = f / (F32(2) + f)
    z = s * s
    p = LOG_F[3] * z + LOG_F[2]
    p = p * z + LOG_F[1]
    p = p * z + LOG_F[0]
    half_square = F32(0.5) * f * f
    y = k * WHOLE_LN2_LOW_F + s * (half_square + z * p)
    y = k * WHOLE_LN2_HIGH_F - ((half_square - y) - f)
    y = F32(-np.inf) if x == F32(0) else y
    return y if x < F32(np.inf) and x >= F32(0) else (x if x > F32(0) else F32(np.nan))


@inlined_kernel
def _log_double(x):
    """Return the natural logarithm: of 0 minus infinity, of a negative number NaN.

    x = 2^n (1 + f) with 1 + f between the roots of 1/2 and 2; with s = f / (2 + f),
    log(1 + f) = 2 s + 2 s^3 / 3 + 2 s^5 / 5 + ... (FDLIBM e_log.c).
    """
    small = x < SMALLEST_D
    v = F64(x * F64(2**54) if small else x)
    bits = v.view(np.int64)
    n = (bits - HALF_ROOT_BITS_D) >> I64(52)
    f = I64(bits - (n << I64(52))).view(np.float64) - F64(1)
    k = I64(n + ROUND_BITS_D).view(np.float64) - ROUND_D - (F64(54) if small else F64(0))
    s = f / (F64(2) + f)
    z = s * s
    p = LOG_D[6] * z + LOG_D[5]
    p = p * z + LOG_D[4]
    p = p * z + LOG_D[3]
    p = p * z + LOG_D[2]
    p = p * z + LOG_D[1]
    p = p * z + LOG_D[0]
    half_square = F64(0.5) * f * f
    y = k * WHOLE_LN2_LOW_D + s * (half_square + z * p)
    y = k * WHOLE_LN2_HIGH_D - ((half_square - y) - f)
    y = F64(-np.inf) if x == F64(0) else y
    return y if x < F64(np.inf) and x >= F64(0) else (x if x > F64(0) else F64(np.nan))


log = _by_dtype(_log_float, _log_double)

# tanh and sigmoid ---------------------------------------------------------------------------------
TANH_F = _all(
    F32, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1
)
TANH_TOP_D = _all(
    F64, -9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3
)
TANH_BOTTOM_D = _all(
    F64, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3
)


@inlined_kernel
def _tanh_float(x):
    """Return the hyperbolic tangent; see _tanh_double."""
    z = x * x
    p = TANH_F[0] * z + TANH_F[1]
    p = p * z + TANH_F[2]
    p = p * z + TANH_F[3]
    p = p * z + TANH_F[4]
    small = x + x * (z * p)
    magnitude = abs(x)
    large = F32(1) - F32(2) / (_exp_float(magnitude + magnitude) + F32(1))
    large = -large if x < F32(0) else large
    return large if magnitude > F32(0.625) else small


@inlined_kernel
def _tanh_double(x):
    """Return the hyperbolic tangent: near 0 a polynomial (float64: a ratio), else 1 - 2/(e^2x+1).

    Both are computed and one chosen, which leaves no branch. Cephes tanh.c, tanhf.c.
    """
    z = x * x
    top = TANH_TOP_D[0] * z + TANH_TOP_D[1]
    top = top * z + TANH_TOP_D[2]
    bottom = (z + TANH_BOTTOM_D[0]) * z + TANH_BOTTOM_D[1]
    bottom = bottom * z + TANH_BOTTOM_D[2]
    small = x + x * (z * top / bottom)
    magnitude = abs(x)
    large = F64(1) - F64(2) / (_exp_double(magnitude + magnitude) + F64(1))
    large = -large if x < F64(0) else large
    return large if magnitude > F64(0.625) else small


@inlined_kernel
def _sigmoid_float(x):
    """Return the logistic function 1 / (1 + e^-x)."""
    return F32(1) / (F32(1) + _exp_float(-x))


@inlined_kernel
def _sigmoid_double(x):
    """Return the logistic function 1 / (1 + e^-x)."""
    return F64(1) / (F64(1) + _exp_double(-x))


tanh = _by_dtype(_tanh_float, _tanh_double)
sigmoid = _by_dtype(_sigmoid_float, _sigmoid_double)

# sin and cos --------------------------------------------------------------------------------------
TWO_OVER_PI = F64(6.36619772367581382433e-1)
HALF_PI_PARTS = _all(
    F64, 1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21
)
FARTHEST = F64(1e5)
SIN_D = _all(
    F64,
    1.58969099521155010221e-10,
    -2.50507602534068634195e-8,
    2.75573137070700676789e-6,
    -1.98412698298579493134e-4,
    8.33333333332248946124e-3,
    -1.66666666666666324348e-1,
)
COS_D = _all(
    F64,
    -1.13596475577881948265e-11,
    2.08757232129817482790e-9,
    -2.75573143513906633035e-7,
    2.48015872894767294178e-5,
    -1.38888888888741095749e-3,
    4.16666666666666019037e-2,
)


@inlined_kernel
def _sine(x, quarters):
    """Return sin(x + quarters pi/2): x = n pi/2 + r, then sin r or cos r (FDLIBM k_sin, k_cos)."""
    shifted = F64(x * TWO_OVER_PI + ROUND_D)
    whole = shifted - ROUND_D
    r = ((x - whole * HALF_PI_PARTS[0]) - whole * HALF_PI_PARTS[1]) - whole * HALF_PI_PARTS[2]
    z = r * r
    s = SIN_D[0] * z + SIN_D[1]
    s = s * z + SIN_D[2]
    s = s * z + SIN_D[3]
    s = s * z + SIN_D[4]
    s = s * z + SIN_D[5]
    c = COS_D[0] * z + COS_D[1]
    c = c * z + COS_D[2]
    c = c * z + COS_D[3]
    c = c * z + COS_D[4]
    c = c * z + COS_D[5]
    quadrant = (shifted.view(np.int64) - ROUND_BITS_D) + quarters
    y = F64(1) - (F64(0.5) * z - z * z * c) if quadrant & I64(1) else r + r * (z * s)
    y = -y if quadrant & I64(2) else y
    return y if abs(x) <= FARTHEST else F64(np.nan)


@inlined_kernel
def _sin_double(x):
    """Return the sine of x radians; NaN beyond |x| = 1e5, where the reduction is no longer exact.

    float32 is computed in float64.
    """
    return _sine(x, I64(0))


@inlined_kernel
def _cos_double(x):
    """Return the cosine of x radians; NaN beyond |x| = 1e5, where the reduction is not exact.

    float32 is computed in float64.
    """
    return _sine(x, I64(1))


@inlined_kernel
def _sin_float(x):
    return F32(_sine(F64(x), I64(0)))


@inlined_kernel
def _cos_float(x):
    return F32(_sine(F64(x), I64(1)))


sin = _by_dtype(_sin_float, _sin_double)
cos = _by_dtype(_cos_float, _cos_double)

# angle --------------------------------------------------------------------------------------------
QUARTER_PI = F64(7.85398163397448309616e-1)
ATAN_TOP_D = _all(
    F64,
    -8.750608600031904122785e-1,
    -1.615753718733365076637e1,
    -7.500855792314704667340e1,
    -1.228866684490136173410e2,
    -6.485021904942025371773e1,
)
ATAN_BOTTOM_D = _all(
    F64,
    2.485846490142306297962e1,
    1.650270098316988542046e2,
    4.328810604912902668951e2,
    4.853903996359136964868e2,
    1.945506571482613964425e2,
)


@inlined_kernel
def angle(y, x):
    """Return the angle of the point (x, y), from -pi to pi, in float64; 0 at the origin.

    The arctangent of the smaller by the larger side (Cephes atan.c), put into its octant.
    """
    y, x = F64(y), F64(x)
    height, width = abs(y), abs(x)
    steep = height > width
    t = (width / height if steep else height / width) if height + width > 0 else F64(0)
    beyond = t > F64(0.66)
    t = (t - F64(1)) / (t + F64(1)) if beyond else t
    z = t * t
    top = ATAN_TOP_D[0] * z + ATAN_TOP_D[1]
    top = top * z + ATAN_TOP_D[2]
    top = top * z + ATAN_TOP_D[3]
    top = top * z + ATAN_TOP_D[4]
    bottom = (z + ATAN_BOTTOM_D[0]) * z + ATAN_BOTTOM_D[1]
    bottom = bottom * z + ATAN_BOTTOM_D[2]
    bottom = bottom * z + ATAN_BOTTOM_D[3]
    bottom = bottom * z + ATAN_BOTTOM_D[4]
    result = t * (z * top / bottom) + t
    result = result + QUARTER_PI if beyond else result
    result = F64(2) * QUARTER_PI - result if steep else result
    result = F64(4) * QUARTER_PI - result if x < F64(0) else result
    return -result if y < F64(0) else result


@inlined_kernel
def power(x, y):
    """Return x^y = e^(y log x) for x > 0, in float64; relative error about |y log x| 1e-16."""
    return _exp_double(F64(y) * _log_double(F64(x)))
