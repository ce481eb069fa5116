"""Rosenblatt's association units, against their definition."""

import numpy as np
import pytest

from rosenblatt.classic import Perceptron
from rosenblatt.errors import UserError
from rosenblatt.features.association import AssociationLayer, on_retina


def test_a_retina_sees_means_of_its_cells():
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    np.testing.assert_allclose(on_retina(image, 2), [[2.5, 4.5, 10.5, 12.5]])
    np.testing.assert_allclose(on_retina(image, 4), image.reshape(1, 16))
    third = on_retina(image, 3)  # cells of 4/3 pixels share the pixels between them
    np.testing.assert_allclose(third.mean(), 7.5, rtol=1e-6)
    np.testing.assert_allclose(third[0, 0], (0 + 1 / 3 + 4 / 3 + 5 / 9) / (16 / 9), rtol=1e-5)


def test_units_fire_where_excitation_exceeds_inhibition_by_the_threshold():
    layer = AssociationLayer.make(9, 50, np.random.default_rng(0), 3, 2, threshold=1.0)
    assert (np.count_nonzero(layer.wiring == 1, axis=0) == 3).all()
    assert (np.count_nonzero(layer.wiring == -1, axis=0) == 2).all()
    x = np.random.default_rng(1).integers(0, 2, (20, 9))
    wanted = [
        [sum(row[s] * unit[s] for s in range(9)) >= 1 for unit in layer.wiring.T] for row in x
    ]
    np.testing.assert_array_equal(layer(x), wanted)
    assert len({tuple(unit) for unit in layer.wiring.T}) > 30


def test_a_perceptron_on_units_learns_what_none_on_the_retina_can():
    """The parity of two cells is no threshold of their sum (Minsky & Papert 1969)."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    y = np.array([0, 1, 1, 0])
    units = AssociationLayer.make(2, 20, np.random.default_rng(0), 1, 1)(x)
    assert (Perceptron(epochs=100, answer="last").fit(units, y).predict(units) == y).all()
    assert (Perceptron(epochs=100, answer="last").fit(x, y).predict(x) != y).any()


@pytest.mark.parametrize("wires", [(-1, 2), (0, 0), (3, 2)])
def test_impossible_wirings_are_refused(wires):
    with pytest.raises(UserError, match=r"cannot wire|must be"):
        AssociationLayer.make(4, 2, np.random.default_rng(0), *wires)
