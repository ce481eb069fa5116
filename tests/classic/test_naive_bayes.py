"""Naive Bayes by counting, on the example of a textbook and against a plain loop."""

import numpy as np
import pytest

from rosenblatt.classic import NaiveBayes
from rosenblatt.errors import UserError


def test_the_example_of_a_textbook():
    """Manning, Raghavan & Schuetze 2008, "Introduction to Information Retrieval", table 13.1."""
    words = ["chinese", "beijing", "shanghai", "macao", "tokyo", "japan"]
    texts = ["chinese beijing chinese", "chinese chinese shanghai", "chinese macao",
             "tokyo japan chinese", "chinese chinese chinese tokyo japan"]  # fmt: skip
    x = np.array([[text.split().count(word) for word in words] for text in texts], np.float32)
    found = NaiveBayes().fit(x[:4], ["yes", "yes", "yes", "no"])
    yes, no = 3 / 4 * (3 / 7) ** 3 * (1 / 14) ** 2, 1 / 4 * (2 / 9) ** 5
    assert found.predict(x[4:]).tolist() == ["yes"]
    np.testing.assert_allclose(found.predict_proba(x[4:]), [[no / (no + yes), yes / (no + yes)]])


@pytest.mark.parametrize("weighted", [False, True])
def test_three_classes_by_a_plain_loop(weighted):
    rng = np.random.default_rng(0)
    x, labels = rng.poisson(2, (40, 5)).astype(np.float32), rng.integers(0, 3, 40)
    weights = rng.integers(1, 4, 40).astype(float) if weighted else np.ones(40)
    found = NaiveBayes(0.5).fit(x, labels, weights if weighted else None)
    for k in range(3):
        counts = np.full(5, 0.5)
        for row in np.flatnonzero(labels == k):
            counts += weights[row] * x[row]
        np.testing.assert_allclose(found.coef_[k], np.log(counts / counts.sum()), rtol=1e-6)
        share = weights[labels == k].sum() / weights.sum()
        assert found.intercept_[k] == pytest.approx(np.log(share), rel=1e-6)


def test_numbers_below_zero_are_no_counts():
    with pytest.raises(UserError, match="counts are from 0 on, and one is -1"):
        NaiveBayes().fit(np.array([[1.0, -1], [2, 3]]), [0, 1])


def test_a_class_without_weight_is_never_answered():
    x = np.random.default_rng(1).poisson(2, (12, 4)).astype(np.float32)
    labels = np.arange(12) % 3
    for classes in (labels, labels % 2):
        found = NaiveBayes().fit(x, classes, (classes == 1).astype(float))
        assert set(found.predict(x)) == {1}
        np.testing.assert_array_equal(found.predict_proba(x)[:, 1], 1)
