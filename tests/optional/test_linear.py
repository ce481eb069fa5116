"""Our linear and kernel machines beside scikit-learn's: of one objective, the same answers."""

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6", reason="scikit-learn is not installed")

from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import MultinomialNB

from rosenblatt import classic
from rosenblatt.features.gram import Gaussian

N = 120
R = np.random.default_rng(0)
X = R.normal(size=(N, 4)).astype(np.float32)
Y = np.argmax(X[:, :3] + R.normal(size=(N, 3)), 1)
VALUES = X @ np.array([1.0, -2.0, 0.5, 0.0]) + R.normal(size=N)
COUNTS = R.poisson(1 + 2 * (np.arange(6) % 3 == Y[:, None])).astype(np.float32)


def test_ridge_is_ridge():
    """Theirs adds up squares where ours takes their mean."""
    ours, theirs = classic.RidgeRegressor(0.1).fit(X, VALUES), Ridge(0.1 * N).fit(X, VALUES)
    np.testing.assert_allclose(ours.coef_[0], theirs.coef_, rtol=1e-5)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5, atol=1e-5)


def test_kernel_ridge_is_kernel_ridge():
    """Theirs learns no mean."""
    centred = VALUES - VALUES.mean()
    ours = classic.KernelRidgeRegressor(Gaussian(0.5), penalty=0.01).fit(X, VALUES)
    theirs = KernelRidge(alpha=0.01 * N, kernel="rbf", gamma=0.5).fit(X, centred)
    np.testing.assert_allclose(ours.predict(X) - VALUES.mean(), theirs.predict(X), atol=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_regression_has_the_same_shares(classes):
    labels = np.minimum(Y, classes - 1)
    ours = classic.LogisticRegression(0.01).fit(X, labels)
    theirs = LogisticRegression(C=1 / (0.01 * N), tol=1e-8, max_iter=1000).fit(X, labels)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_naive_bayes_has_the_same_shares(classes):
    labels = np.minimum(Y, classes - 1)
    ours, theirs = (make().fit(COUNTS, labels) for make in (classic.NaiveBayes, MultinomialNB))
    np.testing.assert_allclose(ours.predict_proba(COUNTS), theirs.predict_proba(COUNTS), atol=1e-5)
