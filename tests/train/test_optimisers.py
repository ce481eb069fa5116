import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.chunks import CHUNK
from rosenblatt.kernels.neural.optimisers import sgd
from rosenblatt.tape import Parameter
from rosenblatt.train import SGD, Adam
from tests.reference.neural import optimisers as reference


def one(value, decay=True):
    return {"w": Parameter(np.array([value]), "w", decay=decay)}


def steps(optimiser, parameters, gradients, rate, scale=1.0):
    values = []
    for gradient in gradients:
        parameters["w"].gradient = np.array([gradient])
        optimiser.step(parameters, rate, scale)
        values.append(float(parameters["w"].value[0]))
    return values


def test_momentum_worked_by_hand():
    # v1 = -0.1*2 = -0.2, w = 0.8; v2 = 0.5*-0.2 - 0.1*1 = -0.2, w = 0.6; v3 = -0.1, w = 0.5
    values = steps(SGD(momentum=0.5, nesterov=False), one(1.0), [2.0, 1.0, 0.0], 0.1)
    np.testing.assert_allclose(values, [0.8, 0.6, 0.5])


def test_nesterov_worked_by_hand():
    # v1 = -0.2, w = 1 + 0.5*-0.2 - 0.2 = 0.7; v2 = -0.1 - 0.1 = -0.2, w = 0.7 - 0.1 - 0.1 = 0.5
    values = steps(SGD(momentum=0.5, nesterov=True), one(1.0), [2.0, 1.0], 0.1)
    np.testing.assert_allclose(values, [0.7, 0.5])


def test_nesterov_evaluates_the_gradient_ahead():
    """In the paper's variables: v' = m v - r grad(w + m v), w' = w + v'; ours is w + m v."""
    rate, momentum, w, v = 0.1, 0.9, 3.0, 0.0
    parameters, optimiser = one(w), SGD(momentum, True)
    for _ in range(20):
        gradient = 2 * parameters["w"].value[0]  # of w^2, at the place looked ahead to
        v = momentum * v - rate * 2 * (w + momentum * v)
        w += v
        steps(optimiser, parameters, [gradient], rate)
    np.testing.assert_allclose(parameters["w"].value[0], w + momentum * v)


def test_decay_is_added_to_the_gradient_where_the_parameter_says_so():
    plain = SGD(momentum=0.0, nesterov=False, weight_decay=0.5)
    assert steps(plain, one(2.0), [1.0], 0.1) == pytest.approx([2 - 0.1 * (1 + 0.5 * 2)])
    assert steps(plain, one(2.0, decay=False), [1.0], 0.1) == pytest.approx([1.9])


def test_adam_worked_by_hand():
    # With the corrections the first step is rate * g / |g|; the second has
    # m = (0.1*0.9*4 - 0.1*2) / 0.19 and s = (0.001*0.999*16 + 0.001*4) / 0.001999.
    values = steps(Adam(), one(1.0), [4.0, -2.0], 0.1)
    mean = (0.1 * 0.9 * 4 - 0.1 * 2) / 0.19
    square = (0.001 * 0.999 * 16 + 0.001 * 4) / 0.001999
    expected = [0.9, 0.9 - 0.1 * mean / (square**0.5 + 1e-8)]
    np.testing.assert_allclose(values, expected, rtol=1e-7)


def test_the_decay_of_adam_is_apart_from_its_gradient():
    assert steps(Adam(weight_decay=0.5), one(2.0), [4.0], 0.1) == pytest.approx(
        [2 - 0.1 * 0.5 * 2 - 0.1], rel=1e-7
    )


def test_scale_multiplies_the_gradient():
    assert steps(SGD(0.0, False), one(1.0), [4.0], 0.1, scale=0.25) == pytest.approx([0.9])
    twice = steps(Adam(), one(1.0), [4.0, 1.0], 0.1, scale=0.25)
    assert twice == pytest.approx(steps(Adam(), one(1.0), [1.0, 0.25], 0.1))


def test_a_parameter_without_gradient_stays_and_gradients_are_forgotten():
    parameters = one(1.0) | {"other": Parameter(np.array([5.0]), "other")}
    steps(SGD(weight_decay=1.0), parameters, [1.0], 0.1)
    assert parameters["other"].value[0] == 5
    assert parameters["w"].gradient is None


@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize("size", [1, 7, CHUNK + 5])
def test_the_kernel_equals_its_twin(nesterov, size):
    rng = np.random.default_rng(size)
    value, gradient, velocity = (rng.random(size) for _ in range(3))
    numbers = np.array([0.1, 0.9, 0.01, 0.5])
    expected = reference.sgd(value, gradient, velocity, numbers, nesterov)
    sgd(value, gradient, velocity, numbers, nesterov)
    np.testing.assert_allclose((value, velocity), expected, rtol=1e-14)


@pytest.mark.parametrize("make", [SGD, Adam])
def test_a_saved_state_goes_on_to_the_same_bits(make):
    gradients = [1.0, -2.0, 0.5, 3.0]
    whole = steps(make(), one(1.0), gradients, 0.1)
    first, second = make(), make()
    parameters = one(1.0)
    half = steps(first, parameters, gradients[:2], 0.1)
    second.load_state(first.state())
    assert half + steps(second, parameters, gradients[2:], 0.1) == whole


@pytest.mark.parametrize("settings", [{"beta1": 0.99999999}, {"beta2": 1 - 1e-9}])
def test_a_mean_that_would_forget_nothing_in_float32_is_refused(settings):
    with pytest.raises(UserError, match=r"beta\d = 0.99"):
        Adam(**settings)
    with pytest.raises(UserError, match="momentum"):
        SGD(momentum=0.99999999)
