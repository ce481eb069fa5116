"""The systems of vision: what they make and measure, on the smallest of each."""

import numpy as np
import pytest

from rosenblatt.detection import detector
from rosenblatt.detection.precision import coverage
from rosenblatt.detection.scenes import make_scene
from rosenblatt.errors import UserError
from rosenblatt.gallery import (
    activations,
    approximation,
    architectures,
    boolean,
    detection,
    metric,
    regression,
    retina,
    runner,
    segmentation,
    windows,
)
from rosenblatt.gallery import receptive_field as field
from rosenblatt.gallery.pictures import pictures
from rosenblatt.gallery.runner import Settings
from rosenblatt.report import gallery_table
from tests.detection.test_detector import SMALL
from tests.detection.test_segmenter import SMALLEST
from tests.gradients import assert_gradient


def test_every_function_of_three_bits_is_exact():
    functions = boolean.every_function(3)
    assert len(functions) == len(np.unique(functions, axis=0)) == 256
    assert sum(map(boolean.wrong, functions)) == 0
    parity = boolean.functions(5, 0, np.random.default_rng(0))["parity"]
    assert parity.sum() == 16
    assert boolean.wrong(parity) == 0


def test_functions_of_ten_bits_are_exact():
    functions = boolean.functions(10, 5, np.random.default_rng(0))
    assert not functions["never"].any()
    assert functions["all"].sum() == 1
    for truth in functions.values():
        assert len(truth) == 1024
        assert boolean.wrong(truth) == 0


def test_a_wrong_network_is_told(monkeypatch):
    truth = np.arange(8) == 3
    other = boolean.network(~truth)
    monkeypatch.setattr(boolean, "network", lambda given: other)
    assert boolean.wrong(truth) == 8


def test_polynomial_units_come_no_nearer_than_the_best_polynomial():
    for kind, degree in (("linear", 1), ("square", 2)):
        found = approximation.error(approximation.approximate(kind, 6, 3))
        assert found == pytest.approx(approximation.polynomial_error(degree), rel=1e-6)
    many = approximation.error(approximation.approximate("tanh", 16, 60))
    assert many < approximation.polynomial_error(3) / 4
    layer, x = approximation.Power(3), np.random.default_rng(0).random((4, 2))
    output, cache = layer.forward(x, train=True)
    (gradient,) = layer.backward(np.ones_like(output), cache, (True,))
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


def test_what_is_timed_has_run_before(monkeypatch):
    clock, runs = iter([2.0, 5.0]), []
    monkeypatch.setattr("time.perf_counter", lambda: next(clock) + 100 * (not runs))
    assert architectures.warm_seconds(lambda: runs.append(1)) == 3
    assert len(runs) == 2


def test_branch_and_bound_on_planted_scores():
    found = windows.search(3)
    assert found["same_optimum"] == 3
    assert found["least_saving"] >= 50


def test_sliding_windows_cover_every_shape_between_the_aspects():
    found = windows.sliding((16, 16))
    # By hand: 6 x 6, 4 x 8 and 8 x 4, then 8 x 8, 6 x 12 and 12 x 6, 2 apart; 12 x 12, 3 apart.
    assert len(found) == (6 * 6 + 2 * 7 * 5) + (5 * 5 + 2 * 6 * 3) + 2 * 2
    assert found[:, 2:].max() <= 16
    rng, size = np.random.default_rng(0), (96, 72)
    sides = rng.uniform(12, 36, 500)[:, None] * 2 ** (rng.uniform(-0.5, 0.5, (500, 1)) * [1, -1])
    corners = rng.random((500, 2)) * (size - sides)
    boxes = np.concatenate([corners, corners + sides], axis=1)
    assert coverage([windows.sliding(size)], [boxes])[0] == 1


def test_both_kinds_of_windows_are_compared(tmp_path):
    found = windows.run(Settings("windows", tmp_path, quick=True, say=lambda line: None))
    few, many = found["selective_search"], found["sliding_windows"]
    assert many["mean_windows"] == len(windows.sliding((96, 96))) > 10 * few["mean_windows"]
    sentence = gallery_table.WINDOWS.format(**found)
    assert sentence.count(f"{many['mean_windows']:,.0f} windows an") == 1


def test_scores_of_all_patches_are_the_same():
    found = segmentation.at_once(26, SMALLEST)
    assert found["patches"] == 16
    assert found["largest_difference"] < 1e-4


def test_every_network_for_pixels_learns_and_is_compared():
    scenes = [make_scene(np.random.default_rng(n), 32) for n in range(4)]
    result = segmentation.learn(scenes[:3], scenes[3:], SMALLEST)
    named = {name for pair in segmentation.DIFFERENCES.values() for name in pair}
    assert named < result.facts.keys()
    assert result.arrays.keys() == result.facts.keys() - {"cpu_seconds"}


def test_a_detector_learns_and_its_fold_is_kept(tmp_path):
    scenes = [make_scene(np.random.default_rng(seed), 32) for seed in range(3)]
    examples = [detector.example(scene, 10, 0) for scene in scenes]
    settings, calls = Settings("detection", tmp_path), []

    def learn():
        calls.append(1)
        return detection.learn(examples[:2], examples[2:], True, SMALL)

    first = runner.kept(settings, (0, "SPP-net"), learn)
    again = runner.kept(settings, (0, "SPP-net"), learn)
    assert len(calls) == 1
    assert again.facts == first.facts
    assert all(
        0 <= first.facts[f"{name}, {scale}"] <= 1
        for name in ("softmax", "linear SVM")
        for scale in ("one scale", "five scales")
    )
    assert first.arrays["found"].shape[1] == 7
    runner.kept(settings, (1, "SPP-net"), learn)
    assert len(calls) == 2


def test_means_over_folds():
    rows = [{"a": 1, "b": {"c": 0.5}}, {"a": 2, "b": {"c": 1.5}}]
    assert dict(runner.means(rows)) == {"a": 1.5, "b": {"c": 1.0}}
    known, asked = runner.split(range(11), 1)
    assert asked == [1, 6]
    assert len(known) == 9


def test_bars_light_every_cell_equally_often():
    """So no threshold on the cells tells them apart, and a perceptron on units does."""
    cells, kinds = retina.bars()
    assert cells.shape == (40, 400)
    assert (cells.sum(1) == 80).all()
    for kind in (0, 1):
        np.testing.assert_array_equal(cells[kinds == kind].sum(0), 4)
    told = retina.told_bars(300, 20)
    assert told["cells"] < 40
    assert told["300 units"] == 40


def test_mistakes_of_the_epochs_add_up():
    cells, kinds = retina.bars()
    one = retina.learned((cells, kinds), (cells, kinds), 3)
    assert sum(one.mistakes) == one.machine.mistakes_.sum()
    assert len(one.mistakes) == 3


def test_places_of_objects_and_spoiled_targets():
    data = regression.places(6, 0)
    assert data.images.shape == (len(data.middles), 48, 48, 3)
    assert ((data.middles > 0) & (data.middles < 1)).all()
    targets = regression.spoiled(np.ones((10, 2), np.float32), 0.2)
    assert (targets.sum(1) == 0).sum() == 2
