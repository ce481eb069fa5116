"""The systems of vision: what they make and measure, on the smallest of each."""

import numpy as np
import pytest

from rosenblatt.detection import detector, segmenter
from rosenblatt.detection.boxes import enlarge
from rosenblatt.detection.precision import coverage
from rosenblatt.detection.region_network import warp
from rosenblatt.detection.scenes import make_scene
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize
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
from rosenblatt.layers import Sequential
from rosenblatt.report import gallery_table
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


def test_pixels_beyond_a_scene_do_not_count():
    scenes = [make_scene(np.random.default_rng(n), 48) for n in range(2)]
    data = segmenter.pixels(scenes, 64)
    assert (data.truth[:, 48:] == -1).all()
    assert (data.truth[:, :, 48:] == -1).all()
    for scene, truth in zip(scenes, data.truth, strict=True):
        np.testing.assert_array_equal(truth[:48, :48] > 0, scene.instance > 0)
        assert set(np.unique(truth[truth > 0]) - 1) == set(scene.labels)


def test_overlaps_of_the_foreground_leave_the_background_out():
    """By hand; also where no pixel is background, in neither the truth nor what is found."""
    scores = np.eye(3)[[1, 1, 2, 2]]
    assert segmenter.overlaps(scores, np.array([1, 2, 2, 2])) == {
        "mean": 0.5833,
        "foreground": 0.5833,
    }
    assert segmenter.overlaps(scores, np.array([0, 1, 2, 2])) == {"mean": 0.5, "foreground": 0.75}


SMALLEST = segmenter.Design(
    side=32, filters=(2, 2, 2, 2, 2), epochs=(1, 1, 1), together=1, images=2, patch=14,
    patch_steps=2,
)  # fmt: skip


def test_scores_of_all_patches_are_the_same():
    found = segmentation.at_once(26, SMALLEST)
    assert found["patches"] == 16
    assert found["largest_difference"] < 1e-4


def test_patches_around_pixels_are_scored_where_the_pixels_are():
    """The scores of an image at once are those of the patches cut around its pixels."""
    images = np.random.default_rng(0).random((1, 32, 32, 3)).astype(np.float32)
    layers = segmenter.patch_layers(2, SMALLEST)
    Sequential(layers).build((14, 14, 3), np.random.default_rng(1))
    found = segmenter.patch_logits(layers, images, SMALLEST)
    assert found.shape == (1, 32, 32, 2)
    padded = np.pad(images, ((0, 0), (7, 7), (7, 7), (0, 0)))
    middle = [Sequential(layers)(np.ascontiguousarray(padded[:, y : y + 14, x : x + 14]))[0]
              for y, x in ((10, 14), (10, 18))]  # fmt: skip
    between = found[0, 9:11, 13:15].mean((0, 1)), found[0, 9:11, 17:19].mean((0, 1))
    assert np.abs(np.array(between) - middle).max() < np.abs(middle[0] - middle[1]).max()


def test_a_varied_image_keeps_its_truth():
    truth = np.zeros((32, 32), np.int64)
    truth[8:24, 10:20] = 1
    image = np.repeat(truth[..., None] * 1.0, 3, axis=2).astype(np.float32)
    sizes = set()
    for seed in range(8):
        new, labels = segmenter.varied(image, truth, np.random.default_rng(seed))
        sizes.add((labels >= 0).sum())
        inside = labels == 1
        assert (new[inside].min(1) > 0.3).mean() > 0.8  # but at its soft edge
        assert (new[labels == 0].max(1) < 0.3).mean() > 0.9
        assert not new[labels < 0].any()
    assert len(sizes) >= 3  # smaller, and cut


def test_an_image_and_its_mirror_image_are_scored_alike():
    network = segmenter.fully_convolutional(
        segmenter.Pixels(np.zeros((1, 32, 32, 3), np.float32), np.zeros((1, 32, 32))), 2,
        SMALLEST, 8,
    )  # fmt: skip
    image = np.random.default_rng(0).random((1, 32, 32, 3)).astype(np.float32)
    found = segmenter.logits(network, image, 64)
    mirrored = segmenter.logits(network, np.ascontiguousarray(image[:, :, ::-1]), 64)
    np.testing.assert_allclose(mirrored[:, :, ::-1], found, atol=1e-5)
    assert np.ptp(found) > 1e-3


def test_enlarged_images_are_scored_where_they_were():
    """A network that returns its image gives that image's mean with its mirror image's mirror."""
    image = np.zeros((1, 32, 32, 3), np.float32)
    image[:, 8:16, 20:28] = 1
    found = segmenter.logits(np.copy, image, 64)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found > 0.5, image > 0.5)


def test_every_network_for_pixels_learns_and_is_compared():
    scenes = [make_scene(np.random.default_rng(n), 32) for n in range(4)]
    result = segmentation.learn(scenes[:3], scenes[3:], SMALLEST)
    named = {name for pair in segmentation.DIFFERENCES.values() for name in pair}
    assert named < result.facts.keys()
    assert result.arrays.keys() == result.facts.keys() - {"cpu_seconds"}


def test_the_loss_of_windows_has_the_gradient_of_differences():
    rng = np.random.default_rng(0)
    output, targets = rng.random((2, 3, 7)), rng.random((2, 3, 5))
    targets[..., 0] = [[0, 1, 2], [1, 0, -1]]
    _, gradient = detector.loss(output, targets)
    assert_gradient(lambda: detector.loss(output, targets)[0], output, gradient)
    nothing = np.zeros((1, 2, 5))
    assert not detector.loss(output[:1, :2], nothing)[1][..., 3:].any()


SMALL = detector.Design(
    side=8, context=1, levels=(1, 2), filters=(4, 4), hidden=6, images=2, windows=6,
    sides=(16, 24, 32, 40, 48), seen=12, pretraining=2, steps=3, measured=2,
)  # fmt: skip


def test_both_ways_see_as_much_around_a_window():
    """What is pooled of the image is, in shares of the window, what its warped square shows."""
    design = detector.Design(side=10, context=2)
    image = np.random.default_rng(0).random((36, 36, 3))
    box = np.array([[12.0, 9, 24, 27]])
    [[top, left, bottom, right]] = enlarge(box, design.around, (36, 36)).astype(int)
    [square] = warp(image, box, design.side, design.context)
    pooled = resize(image[None, top:bottom, left:right], (design.side, design.side))[0]
    np.testing.assert_allclose(square, pooled, rtol=1e-6)


def test_windows_to_learn_from_keep_what_they_show():
    scene = make_scene(np.random.default_rng(3), 32)
    one = detector.example(scene, 20, 0)
    inside = len(scene.boxes)
    np.testing.assert_array_equal(one.windows[:inside], scene.boxes)
    np.testing.assert_array_equal(one.labels[:inside], scene.labels + 1)
    around = enlarge(one.windows[one.labels > 0], SMALL.around, (32, 32))
    expected = set(np.round(around[:, 3] - around[:, 1], 6))
    draw, rng = detector.drawing([one], SMALL, True, False), np.random.default_rng(2)
    for _ in range(4):
        (_, regions), wanted, *_ = draw(rng)
        wide = (regions[..., 3] - regions[..., 1])[wanted[..., 0] > 0] * 32
        assert set(np.round(wide, 6)) <= expected  # mirrored or not
    (images, _), wanted, *_ = detector.drawing([one], SMALL, False, True)(rng)
    assert images.shape == (12, 8, 8, 3)
    assert (wanted[..., 0] > 0).all()


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
