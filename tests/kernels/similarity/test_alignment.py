import numpy as np
import pytest

from rosenblatt.kernels.similarity.alignment import LANES, Weights, alignments, equal_runs
from rosenblatt.kernels.similarity.kmers import UNKNOWN
from tests.reference.similarity import alignment as reference


@pytest.mark.parametrize("lengths", [(0, 3), (1, 1), (4, 5)])
def test_alignments_equal_the_sum_over_all_of_them(lengths):
    rng = np.random.default_rng(1)
    first = rng.integers(0, 3, (2, lengths[0])).astype(np.uint8)
    others = rng.integers(0, 3, (LANES, lengths[1])).astype(np.uint8)
    scores = 1.5, -0.5, -2.0, -0.75  # match, mismatch, opening, extension
    out = np.full((2, LANES), np.nan)
    alignments(first, np.ascontiguousarray(others.T)[None], Weights(*np.exp(scores)), out)
    for n in range(2):
        for m in range(0, LANES, 5):
            expected = reference.kernel(first[n], others[m], 1.0, *scores)
            np.testing.assert_allclose(out[n, m], expected, rtol=1e-12)


def runs(first, second, gains):
    """Return the sum of gains over runs of equal known letters, found as a string of marks."""
    equal = zip(first.tolist(), second.tolist(), strict=False)
    marks = "".join("x" if a == b != UNKNOWN else " " for a, b in equal)
    return sum(gains[len(run)] for run in marks.split()) + gains[0] * (
        len(marks) + 1 - len(marks.split()) - marks.count("x")
    )


@pytest.mark.parametrize("length", [0, 1, 12])
def test_equal_runs_equal_their_twin(length):
    rng = np.random.default_rng(2)
    first, others = (rng.integers(0, 5, (n, length)).astype(np.uint8) // 2 * 2 for n in (3, 4))
    gains = rng.random(length + 1)
    gains[0] = 0
    out = np.full((3, 4), np.nan)
    equal_runs(first, others, gains, out)
    expected = [[runs(a, b, gains) for b in others] for a in first]
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)
