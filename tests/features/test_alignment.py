"""Kernels of whole sequences against their definitions, by listing everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.alignment import LocalAlignment, WeightedDegree
from rosenblatt.features.sequences import encode
from tests.reference.similarity import alignment as listing
from tests.reference.similarity import strings as reference

DNA = st.lists(st.text("ACGTN", min_size=1, max_size=12), min_size=2, max_size=4)


@settings(max_examples=20, deadline=None)
@given(x=DNA, y=DNA, degree=st.integers(1, 5))
def test_weighted_degree_equals_its_definition(x, y, degree):
    kernel = WeightedDegree(degree)
    wanted = [[reference.weighted_degree(a, b, degree) for b in y] for a in x]
    np.testing.assert_allclose(kernel(encode(x), encode(y)), wanted, rtol=1e-5, atol=1e-6)
    own = kernel(encode(x))
    np.testing.assert_array_equal(own, own.T)
    np.testing.assert_allclose(kernel.diagonal(encode(x)), own.diagonal(), rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.text("ACGT", min_size=1, max_size=5), min_size=2, max_size=3),
    st.lists(st.text("ACGT", min_size=1, max_size=5), min_size=2, max_size=3),
    st.floats(0.1, 2),
)
def test_local_alignment_equals_the_sum_over_all_alignments(x, y, beta):
    scores = beta, 1.0, -0.5, -2.0, -0.7

    def sums(first, second):
        return np.array([[listing.kernel(a, b, *scores) for b in second] for a in first])

    own_x, own_y = (np.array([listing.kernel(a, a, *scores) for a in z]) for z in (x, y))
    kernel = LocalAlignment(*scores)
    wanted = sums(x, y) / np.sqrt(np.outer(own_x, own_y))
    np.testing.assert_allclose(kernel(encode(x), encode(y)), wanted, rtol=1e-5)
    wanted = sums(x, x) / np.sqrt(np.outer(own_x, own_x))
    np.testing.assert_allclose(kernel(encode(x)), wanted, rtol=1e-5)


def test_gram_matrices_of_many_have_no_negative_eigenvalue():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (40, 15)).astype(np.uint8)  # more than the lanes
    for kernel in (LocalAlignment(), WeightedDegree()):
        gram = kernel(x)
        np.testing.assert_array_equal(gram, gram.T)
        np.testing.assert_allclose(gram, kernel(x, x), rtol=1e-5)
        values = np.linalg.eigvalsh(gram.astype(np.float64))
        assert values.min() > -1e-5 * values.max()


def test_unknown_letters_pair_with_nothing():
    first, second = encode(["ANC", "A"]), encode(["C", "NNN"])
    gram = LocalAlignment(1.0)(first, second)
    own = np.sqrt([listing.kernel("AC", "AC", 1.0, 1, -1, -3, -1), np.e + 1])
    np.testing.assert_allclose(gram[1, 1], 1 / own[1], rtol=1e-5)
    np.testing.assert_allclose(gram[1, 0], (1 + np.exp(-1)) / (np.e + 1), rtol=1e-5)


@pytest.mark.parametrize("make", [lambda: WeightedDegree(0), lambda: LocalAlignment(0)])
def test_what_is_no_kernel_is_refused(make):
    with pytest.raises(UserError, match="it must be"):
        make()
