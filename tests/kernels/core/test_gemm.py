import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core.gemm import gemm
from tests.reference.core import gemm as reference

sizes = st.one_of(st.integers(1, 40), st.sampled_from([1, 2, 3, 6, 7, 8, 9, 15, 16, 17, 97, 257]))
FLAGS = [(False, False), (False, True), (True, False), (True, True)]


def operands(rng, M, N, K, transpose, dtype):
    a = rng.standard_normal((K, M) if transpose[0] else (M, K)).astype(dtype)
    b = rng.standard_normal((N, K) if transpose[1] else (K, N)).astype(dtype)
    return a, b


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(sizes, sizes, sizes, st.sampled_from(FLAGS), st.sampled_from(["zero", "bias", "out"]))
@settings(max_examples=25, deadline=None)
def test_any_product_errs_no_more_than_its_bound(dtype, M, N, K, transpose, start):
    rng = np.random.default_rng(M + 100 * N + 10_000 * K)
    a, b = operands(rng, M, N, K, transpose, dtype)
    expected, magnitude = reference.product(a, b, transpose)
    out, bias, begin = np.full((M, N), np.nan, dtype), None, np.zeros((M, N))
    if start == "bias":
        bias = rng.standard_normal(N).astype(dtype)
        begin = begin + bias
    elif start == "out":
        begin = rng.standard_normal((M, N)).astype(dtype)
        out[:] = begin
    result = gemm(a, b, out, transpose=transpose, bias=bias, accumulate=start == "out", floor=0.0)
    assert result is out
    expected = np.maximum(expected + begin, 0)
    # The classical bound of a sum of K products and a start (Higham 2002, equation 3.5).
    bound = (K + 2) * np.finfo(dtype).eps * (magnitude + abs(begin))
    if dtype == np.float64:
        bound *= 2  # the reference rounds too
    assert (abs(out - expected) <= bound).all()


@pytest.mark.parametrize(("M", "N", "K"), [(300, 530, 512), (151, 40, 1030), (4, 1100, 30)])
def test_blocks_of_a_larger_product_meet_at_their_edges(M, N, K):
    rng = np.random.default_rng(0)
    for transpose in FLAGS:
        a, b = operands(rng, M, N, K, transpose, np.float32)
        memory = np.full((M + 16, N), np.nan, np.float32)
        gemm(a, b, memory[8:-8], transpose=transpose)
        expected, magnitude = reference.product(a, b, transpose)
        assert (abs(memory[8:-8] - expected) <= (K + 2) * 2.0**-23 * magnitude).all()
        assert np.isnan(memory[:8]).all()
        assert np.isnan(memory[-8:]).all()


def test_long_sums_err_less_than_one_chain_would():
    rng = np.random.default_rng(0)
    a, b = operands(rng, 32, 32, 8192, (False, False), np.float32)
    error = gemm(a, b, np.empty((32, 32), np.float32)) - a.astype(float) @ b.astype(float)
    # Blocks of 256 terms: sqrt(256) eps / 2 of a sum of their size, 32 times.
    assert np.sqrt((error**2).mean()) < 32 * 2**-24 * np.sqrt(8192)


def test_nan_and_infinity_pass():
    a, b = np.ones((7, 5), np.float32), np.ones((5, 20), np.float32)
    a[3, 2], b[1, 18] = np.nan, np.inf
    out = gemm(a, b, np.empty((7, 20), np.float32), floor=0.0)
    assert np.isnan(out[3]).all()
    assert np.isinf(np.delete(out[:, 18], 3)).all()
    assert (np.delete(np.delete(out, 3, 0), 18, 1) == 5).all()


def test_shapes_that_do_not_fit_are_refused():
    a = np.ones((3, 4), np.float32)
    with pytest.raises(ValueError, match="cannot multiply"):
        gemm(a, a, np.empty((3, 4), np.float32))


@pytest.mark.parametrize("transpose", FLAGS)
@pytest.mark.parametrize("shape", [(10, 33, 3), (257, 97, 17), (257, 257, 9)])
def test_nothing_but_the_output_is_written(shape, transpose):
    M, N, K = shape
    memory = np.full((M + 20, N), np.nan, np.float32)
    out = memory[10:-10]
    a, b = operands(np.random.default_rng(0), M, N, K, transpose, np.float32)
    gemm(a, b, out, transpose=transpose)
    expected, magnitude = reference.product(a, b, transpose)
    assert (abs(out - expected) <= (K + 2) * np.finfo(np.float32).eps * magnitude).all()
    assert np.isnan(memory[:10]).all()
    assert np.isnan(memory[-10:]).all()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("bias", np.ones(20, np.float32)),  # read past its end
        ("bias", np.ones((1, 21), np.float32)),
        ("bias", np.ones(21)),
        ("bias", np.ones(42, np.float32)[::2]),
        ("a", np.ones((5, 7))),
        ("a", np.ones((7, 5), np.float32).T),
        ("b", np.ones((7, 21))),
        ("b", np.ones((7, 22), np.float32)),
        ("out", np.ones((5, 21))),
    ],
)
def test_what_would_be_read_wrongly_is_refused(name, wrong):
    right = {
        "a": np.ones((5, 7), np.float32),
        "b": np.ones((7, 21), np.float32),
        "out": np.ones((5, 21), np.float32),
        "bias": np.ones(21, np.float32),
    }
    assert (gemm(**right) == 8).all()
    with pytest.raises(ValueError, match=r"bias|multiply|contiguous"):
        gemm(**right | {name: wrong})


def test_what_cannot_be_written_to_is_read():
    """As of arrays that lie in a file, with a bias that is no part of the output."""
    given = [np.random.default_rng(0).integers(-4, 5, s).astype("f4") for s in ((9, 5), (5, 7), 7)]
    for array in given:
        array.flags.writeable = False
    a, b, bias = given
    np.testing.assert_array_equal(gemm(a, b, np.empty((9, 7), "f4"), bias=bias), a @ b + bias)


@pytest.mark.parametrize("transpose", FLAGS)
def test_of_no_terms_the_product_is_its_start(transpose):
    a, b = (np.empty(shape[::-1] if flip else shape)
            for shape, flip in zip([(3, 0), (0, 4)], transpose, strict=True))  # fmt: skip
    assert (gemm(a, b, np.full((3, 4), 7.0), transpose=transpose) == 0).all()
    assert (gemm(a, b, np.full((3, 4), 7.0), transpose=transpose, accumulate=True) == 7).all()
    assert (
        gemm(a, b, np.empty((3, 4)), transpose=transpose, bias=np.arange(4.0))[2] == range(4)
    ).all()
