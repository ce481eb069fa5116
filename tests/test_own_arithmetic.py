"""What decides a result calls nothing whose last digit depends on the processor's libraries.

BLAS and LAPACK add in an order of their own; NumPy's and the C library's elementary functions and
powers, NumPy's products of complex numbers and the order of equal numbers in an unstable sort
depend on the processor's vectors. The square of an array is one product, that of a single Python
float is the C library's: write x * x there, since no search of the source can tell the two apart.
NumPy's sum, mean, var and std have one pairwise order for all vectors, and tests/test_same_bits.py
holds them to it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "rosenblatt"
PRODUCTS = {
    "dot", "matmul", "inner", "vdot", "tensordot", "einsum", "cov", "corrcoef", "polyfit",
    "convolve", "correlate", "linalg", "fft",
}  # fmt: skip
FUNCTIONS = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin",
    "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "asin", "acos", "atan", "atan2", "hypot",
    "cbrt", "power", "pow", "float_power", "logaddexp", "logaddexp2", "geomspace", "logspace",
    "sinc", "erf", "erfc", "gamma", "lgamma",
}  # fmt: skip
DRAWS = {"random", "integers", "permutation", "shuffle", "spawn"}
PERMITTED = {
    "gallery/": "its figures are rounded or drawn, and make no submission",
    "report/": "draws and prints",
    "cli/": "prints",
    "export/twins/": "what courses allow that allow NumPy alone; it is compared within 1e-5",
    "challenge/statistics.py": "judges results that are there",
    "challenge/evaluation.py": "judges results that are there",
    "train/bleu.py": "judges results that are there",
    "members/base.py": "estimates seconds, which the clock decides anyway",
    "kernels/convolution/conv_single_channel.py": "plain Python, for runs without the compiler",
    "kernels/convolution/patch_transform.py": "plain Python, for runs without the compiler",
    "kernels/convolution/cook_toom.py": "powers of fractions, which are exact",
}


def foreign(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each forbidden operation in a module."""
    for node in ast.walk(ast.parse(source)):
        found = None
        if isinstance(node, ast.BinOp | ast.AugAssign):
            found = _operator(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            of, name = node.value.id, node.attr
            if of in ("np", "numpy") and name in PRODUCTS | FUNCTIONS | {"argpartition"}:
                found = f"np.{name}"
            elif of == "math" and name in FUNCTIONS:
                found = f"math.{name}"
        elif isinstance(node, ast.ImportFrom) and node.module in ("math", "cmath", "numpy"):
            names = [alias.name for alias in node.names if alias.name in PRODUCTS | FUNCTIONS]
            found = f"{node.module}.{names[0]}" if names else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found = _method(node, node.func)
        if found:
            yield node.lineno, found


def _operator(node: ast.BinOp | ast.AugAssign) -> str | None:
    if isinstance(node.op, ast.MatMult):
        return "@"
    if not isinstance(node.op, ast.Pow):
        return None
    right = node.right if isinstance(node, ast.BinOp) else node.value
    left = node.left if isinstance(node, ast.BinOp) else node.target
    square = isinstance(right, ast.Constant) and right.value == 2
    literal = isinstance(left, ast.Constant) and left.value in (2, 3, 4, 10)
    whole = isinstance(left, ast.Name) and left.id.isupper()  # by its definition
    return None if square or literal or whole else "**"


def _method(node: ast.Call, function: ast.Attribute) -> str | None:
    if function.attr == "dot":
        return ".dot"
    if function.attr == "argsort":
        kinds = [k.value for k in node.keywords if k.arg == "kind"]
        stable = any(isinstance(k, ast.Constant) and k.value == "stable" for k in kinds)
        return None if stable else "argsort without kind='stable'"
    of = function.value
    name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
    return f"rng.{function.attr}" if name == "rng" and function.attr not in DRAWS else None


def test_what_decides_a_result_uses_its_own_arithmetic():
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {name}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not str(path.relative_to(SOURCE).as_posix()).startswith(tuple(PERMITTED))
        for line, name in foreign(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("place", PERMITTED)
def test_no_permission_is_left_over(place):
    files = [SOURCE / place] if place.endswith(".py") else list((SOURCE / place).glob("*.py"))
    assert any(True for path in files for _ in foreign(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        "y = a @ b", "a @= b", "np.dot(a, b)", "a.dot(b)", "np.linalg.eigh(a)", "np.fft.fft2(a)",
        "np.einsum('ij,jk', a, b)", "np.exp(x)", "math.log(x)", "from math import exp", "x**y",
        "x**0.5", "x **= 3", "np.argsort(x)", "x.argsort(1)", "np.argpartition(x, 3)",
        "rng.normal(size=3)", "self.rng.choice(3)", "np.convolve(a, b)", "np.cov(a)",
    ],
)  # fmt: skip
def test_what_is_forbidden_is_found(line):
    assert {number for number, _ in foreign(line)} == {1}


@pytest.mark.parametrize(
    "line",
    ["x**2", "2**n", "np.sqrt(x)", "math.sqrt(x)", "x.sum(1)", "exp(x)", "math.fsum(x)",
     "np.argsort(x, kind='stable')", "rng.permutation(3)", "dot(a, b)", "math.comb(3, 2)"],
)  # fmt: skip
def test_what_is_the_same_everywhere_is_let_through(line):
    assert not list(foreign(line))
