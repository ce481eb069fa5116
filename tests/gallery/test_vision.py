"""The systems of vision: what they make and measure, on the smallest of each."""

import numpy as np
import pytest

from rosenblatt.detection.scenes import make_scene
from rosenblatt.errors import UserError
from rosenblatt.gallery import (
    activations,
    approximation,
    architectures,
    boolean,
    detection,
    metric,
    segmentation,
    windows,
)
from rosenblatt.gallery import receptive_field as field
from rosenblatt.gallery.pictures import pictures
from rosenblatt.gallery.runner import Settings
from tests.gradients import assert_gradient


def test_every_function_of_three_bits_is_exact():
    functions = boolean.every_function(3)
    assert len(functions) == 255
    assert sum(map(boolean.wrong, functions)) == 0
    parity = boolean.functions(5, 0, np.random.default_rng(0))["parity"]
    assert parity.sum() == 16
    assert boolean.wrong(parity) == 0


def test_polynomial_units_come_no_nearer_than_the_best_polynomial():
    for kind, degree in (("linear", 1), ("square", 2)):
        found = approximation.error(approximation.approximate(kind, 6, 3))
        assert found == pytest.approx(approximation.polynomial_error(degree), rel=1e-6)
    many = approximation.error(approximation.approximate("tanh", 16, 60))
    assert many < approximation.polynomial_error(3) / 4
    layer, x = approximation.Power(3), np.random.default_rng(0).random((4, 2))
    (gradient,) = layer.backward(np.ones((4, 2)), x, (True,))
    assert_gradient(lambda: float(layer(x).sum()), x, gradient)


def test_slopes_are_those_of_the_values():
    x = np.linspace(-3.01, 3.03, 50)[:, None]
    for layer in activations.FUNCTIONS.values():
        values, gradient = activations.slopes(layer, x)
        above, _ = activations.slopes(layer, x + 1e-6)
        np.testing.assert_allclose((above - values) / 1e-6, gradient, atol=1e-4)


def test_the_nearest_neighbour_tells_the_class():
    known = np.array([[0.0, 0.0], [5.0, 5.0]])
    asked = np.array([[1.0, 0.0], [4.0, 4.0], [9.0, 9.0]])
    truth = np.array([3, 7, 3])
    share = metric.nearest_neighbour(known, np.array([3, 7]), asked, truth)
    assert share == pytest.approx(2 / 3)


def test_fields_of_the_three_ways_to_sub_sample():
    found = {name: field.growth(layers, 16) for name, layers in field.stacks(3).items()}
    assert list(found.values()) == [[3, 5, 7], [3, 8, 18], [3, 7, 15]]


def test_the_digits_as_pictures(tmp_path):
    data = pictures(Settings("units", tmp_path), 12, 50)
    assert data.train.shape == (40, 12, 12, 1)
    assert data.test.shape == (10, 12, 12, 1)
    assert 0 <= data.train.min() < 0.2
    assert len(data.classes) == 10


def test_a_challenge_without_images_is_refused(tmp_path, monkeypatch):
    class Sequences:
        kind = "dna"

    monkeypatch.setattr("rosenblatt.gallery.pictures.load_challenge", lambda folder: Sequences)
    with pytest.raises(UserError, match="takes images"):
        pictures(Settings("units", tmp_path, tmp_path))


def test_where_the_large_networks_keep_their_parameters():
    assert architectures.sizes("alexnet")[-3:] == [37_752_832, 16_781_312, 4_097_000]


def test_branch_and_bound_on_planted_scores():
    found = windows.search(3)
    assert found["same_optimum"] == 3
    assert found["least_saving"] >= 50


def test_pixels_beyond_a_scene_do_not_count():
    scenes = [make_scene(np.random.default_rng(n), 48) for n in range(2)]
    data = segmentation.pixels(scenes, 64)
    assert (data.truth[:, 48:] == -1).all()
    assert (data.truth[:, :, 48:] == -1).all()
    for scene, truth in zip(scenes, data.truth, strict=True):
        np.testing.assert_array_equal(truth[:48, :48] > 0, scene.instance > 0)
        assert set(np.unique(truth[truth > 0]) - 1) == set(scene.labels)


def test_scores_of_all_patches_are_the_same():
    found = segmentation.at_once(34, (22, 4))
    assert found["patches"] == 16
    assert found["largest_difference"] < 1e-4


def test_the_loss_of_windows_has_the_gradient_of_differences():
    rng = np.random.default_rng(0)
    output, targets = rng.random((2, 3, 7)), rng.random((2, 3, 5))
    targets[..., 0] = [[0, 1, 2], [1, 0, -1]]
    _, gradient = detection.loss(output, targets)
    assert_gradient(lambda: detection.loss(output, targets)[0], output, gradient)


def test_mirrored_windows_keep_what_they_show():
    scene = make_scene(np.random.default_rng(3), 32)
    windows = np.concatenate([scene.boxes, [[0, 0, 32, 32]]])
    targets = np.zeros((len(windows), 5))
    targets[:-1, 0] = scene.labels + 1
    one = detection.Example(scene, windows, targets)
    for _, regions, wanted in detection.batches([one], 4, True):
        things = regions[wanted[..., 0] > 0]
        expected = scene.boxes[:, 3] - scene.boxes[:, 1]
        assert set(np.round((things[:, 3] - things[:, 1]) * 32)) <= set(expected)
