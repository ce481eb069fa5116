"""The gallery's perceptron and losses: the theorem holds, and no line makes fewer errors."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.gallery.convergence import learn, with_margin
from rosenblatt.gallery.losses import LOSSES, boundaries, clouds, fewest_errors


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), dimensions=st.integers(2, 8), delta=st.floats(0.05, 0.6))
def test_updates_never_exceed_the_bound_nor_the_weights_the_proof(seed, dimensions, delta):
    x, y, direction = with_margin(40, dimensions, delta, np.random.default_rng(seed))
    margins, radius = y * (x @ direction), np.linalg.norm(x, axis=1).max()
    assert margins.min() >= delta * (1 - 1e-9)
    assert radius <= 1 + 1e-9
    weights = learn(x, y)
    k = np.arange(len(weights))
    assert k[-1] <= (radius / margins.min()) ** 2
    assert (y * (x @ weights[-1]) > 0).all()
    assert (weights @ direction >= k * margins.min() - 1e-9).all()
    assert (np.linalg.norm(weights, axis=1) <= np.sqrt(k) * radius + 1e-9).all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_line_makes_fewer_errors(seed):
    rng = np.random.default_rng(seed)
    x, y = clouds(14, 2, rng)
    w, b = fewest_errors(x, y)
    fewest = (y * (x @ w + b) <= 0).sum()
    directions = rng.random((2000, 2)) - 0.5
    for trial in directions:
        margins = x @ trial
        offsets = -margins + 1e-6
        errors = (y * (margins + offsets[:, None]) <= 0).sum(1)
        assert fewest <= min(errors.min(), (len(x) - errors).min())


def test_each_boundary_has_the_least_of_its_own_loss():
    x, y = clouds(60, 3, np.random.default_rng(5))
    lines = boundaries(x, y)
    losses = {name: {other: loss(y * (x @ w + b)).mean() for other, loss in LOSSES.items()}
              for name, (w, b) in lines.items()}  # fmt: skip
    for name in ("zero-one", "logistic"):  # the hinge's machine has a penalty on w as well
        assert losses[name][name] <= min(of[name] for of in losses.values()) + 1e-6
