"""The complementary error function, from exp and a polynomial; bits and types as in elementary.py.

erfc(z) = t exp(f(t) - z^2) with t = 2 / (2 + z), z >= 0; f is smooth, and a sum of Chebyshev
polynomials of 4 t - 2 (Press et al. 2007, Numerical Recipes, section 6.2.2). The coefficients are
the discrete cosine transform of f at 60 nodes, computed with 40 digits.
"""

import numpy as np

from rosenblatt.kernels.core.elementary import _by_dtype, exp
from rosenblatt.kernels.core.jit import inlined_kernel

F32, F64 = np.float32, np.float64
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
# The first 14 terms as a polynomial in x = 2 t - 1, from x^13 down: enough for float32.
POWERS = (
    2.0723070957778818e-5,
    1.3371503491274448e-5,
    -0.00015463379082966594,
    -3.2113772312125479e-5,
    0.00065795384777102354,
    -0.00018278214171601268,
    -0.0023392777240525919,
    0.001770666118629671,
    0.0088235581776450396,
    -0.0098745349182913758,
    -0.046895482160995003,
    0.0473434175210675,
    0.67264322054600838,
    -0.67179408515172141,
)


@inlined_kernel
def _erfc_float(x):
    """Return erfc(x), without a loop, so that a caller's loop runs in vectors."""
    z = F64(abs(x))
    t = F64(2) / (F64(2) + z)
    r = F64(2) * t - F64(1)
    p = POWERS[0] * r + POWERS[1]
    p = p * r + POWERS[2]
    p = p * r + POWERS[3]
    p = p * r + POWERS[4]
    p = p * r + POWERS[5]
    p = p * r + POWERS[6]
    p = p * r + POWERS[7]
    p = p * r + POWERS[8]
    p = p * r + POWERS[9]
    p = p * r + POWERS[10]
    p = p * r + POWERS[11]
    p = p * r + POWERS[12]
    p = p * r + POWERS[13]
    whole = F32(p - z * z)
    rest = F32((p - z * z) - F64(whole))
    value = F32(t) * exp(whole) * (F32(1) + rest)
    return value if x >= 0 else F32(2) - value


@inlined_kernel
def _erfc_double(x):
    """Return 1 - erf(x), right to 2e-14 where it is a normal number; erfc(-x) = 2 - erfc(x)."""
    z = abs(x)
    t = F64(2) / (F64(2) + z)
    y = F64(4) * t - F64(2)
    d, before = F64(0), F64(0)
    for j in range(TERMS.size - 1, 0, -1):  # Clenshaw's recurrence
        d, before = y * d - before + TERMS[j], d
    value = t * exp(-z * z + F64(0.5) * (TERMS[0] + y * d) - before)
    return value if x >= 0 else F64(2) - value


erfc = _by_dtype(_erfc_float, _erfc_double)
