"""Networks of regions, and the road from windows to detections."""

import numpy as np
import pytest

from rosenblatt.detection.boxes import correct
from rosenblatt.detection.proposals import assign_targets, choose, detect, probabilities
from rosenblatt.detection.region_machines import RegionMachines, overlaps_by_class
from rosenblatt.detection.region_network import (
    RegionNetwork,
    at_once,
    at_scales,
    fractions,
    one_by_one,
    warp,
    without_end,
)
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize
from rosenblatt.layers import Convolution, Dense, MaxPooling
from rosenblatt.tape import Tape, Variable

RNG = np.random.default_rng


def network():
    trunk = [Convolution(3, 3, padding="same", activation="relu"), MaxPooling(2)]
    module = RegionNetwork(trunk, (1, 2), [Dense(6, activation="relu"), Dense(3)])
    assert module.build((12, 12, 2), RNG(0)) == (1, 3)
    return module


def test_the_whole_image_is_the_same_for_both_ways():
    image, module = RNG(1).random((12, 12, 2)).astype(np.float32), network()
    whole = np.array([[0, 0, 12, 12]])
    np.testing.assert_allclose(
        at_once(module, image, whole), one_by_one(module, image, whole, 12), rtol=1e-6
    )
    boxes = np.array([[0, 0, 6, 6], [2, 3, 11, 12], [5, 5, 6, 6]])
    assert at_once(module, image, boxes).shape == (3, 3)
    both = one_by_one(module, image, boxes, 8, batch=2)
    np.testing.assert_allclose(both[2], one_by_one(module, image, boxes[2:], 8)[0], rtol=1e-6)


def test_a_region_sees_what_lies_in_it_alone():
    """A thing in one quarter changes the outputs of regions around it, and of no other."""
    module, image = network(), np.zeros((12, 12, 2), np.float32)
    other = image.copy()
    other[8:10, 8:10] = 1
    boxes = np.array([[0, 0, 6, 6], [6, 6, 12, 12]])
    first, second = at_once(module, image, boxes), at_once(module, other, boxes)
    np.testing.assert_array_equal(first[0], second[0])
    assert not np.allclose(first[1], second[1])


def test_gradients_reach_the_trunk_from_all_regions():
    module = network()
    with Tape() as tape:
        x = Variable(RNG(1).random((2, 12, 12, 2)).astype(np.float32))
        corners = np.sort(RNG(2).random((2, 5, 2, 2)), axis=2)
        output = module(x, corners.reshape(2, 5, 4))
        tape.backward(output, np.ones_like(output.value))
    assert all(np.abs(p.gradient).sum() > 0 for p in module.parameters().values())


def test_warped_windows():
    image = np.arange(48, dtype=np.float32).reshape(6, 8, 1)
    windows = warp(image, np.array([[1, 2, 5, 6], [0, 0, 6, 8], [5.9, 7.5, 6, 8]]), 4)
    np.testing.assert_array_equal(windows[0], image[1:5, 2:6])
    assert windows[1].mean() == pytest.approx(image.mean())
    np.testing.assert_allclose(windows[2], image[5, 7, 0], rtol=1e-6)
    whole = np.array([[0, 0, 6, 8]])
    np.testing.assert_allclose(warp(image, whole, 6)[0], resize(image[None], (6, 6))[0])
    assert fractions([[3, 4, 6, 8]], (6, 8)).tolist() == [[0.5, 0.5, 1, 1]]


def test_warped_windows_with_what_lies_around_them():
    """Half of a square's side is the window, a quarter on each side is around it."""
    image = 1 + np.arange(48, dtype=np.float32).reshape(6, 8, 1)
    inner, corner, larger = warp(image, np.array([[2, 2, 4, 6], [0, 0, 2, 2], [0, 0, 6, 8]]), 8, 2)
    np.testing.assert_allclose(inner, resize(image[None, 1:5, 0:8], (8, 8))[0])
    padded = np.pad(image, ((1, 0), (1, 0), (0, 0)))  # nothing lies beyond the image
    np.testing.assert_allclose(corner, resize(padded[None, :4, :4], (8, 8))[0])
    assert not larger[:1].any()
    assert not larger[:, -1:].any()
    assert larger[4, 4] > 0


def test_the_targets_of_windows():
    truth, classes = np.array([[0, 0, 10, 10], [20, 20, 30, 40]]), np.array([4, 1])
    boxes = np.array([[0, 0, 10, 9], [20, 20, 30, 33], [0, 0, 10, 45], [50, 50, 60, 60]])
    targets = assign_targets(boxes, truth, classes, 0.6, 0.2)
    assert targets.labels.tolist() == [5, 2, -1, 0]
    np.testing.assert_allclose(correct(boxes[:2], targets.steps[:2]), truth)
    assert not targets.steps[2:].any()
    assert assign_targets(boxes, truth[:0], classes[:0]).labels.tolist() == [0, 0, 0, 0]


def test_choosing_windows_to_learn_from():
    labels = np.array([1] * 5 + [0] * 50 + [-1] * 9)
    chosen = choose(labels, 16, RNG(0))
    assert (labels[chosen] == 1).sum() == 4
    assert (labels[chosen] == 0).sum() == 12
    assert (labels[choose(labels[:5], 7, RNG(0))] == 1).all()
    with pytest.raises(UserError, match="no window"):
        choose(labels[55:], 4, RNG(0))


def test_detections_are_the_best_of_overlapping_windows_by_class():
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 11], [30, 30, 40, 40]])
    scores = probabilities(np.array([[0.0, 3, 0], [0, 2, 4], [5, 0, 0]], np.float32))
    first, second = detect(boxes, scores, None, (35, 50))
    assert first.boxes.tolist() == [[0, 0, 10, 10], [30, 30, 35, 40]]
    assert second.boxes.tolist() == [[0, 0, 10, 11], [30, 30, 35, 40]]
    assert first.scores[0] == pytest.approx(np.exp(3) / (np.exp(3) + 2))
    moved = detect(boxes, scores, np.array([[0.1, 0, 0, 0]] * 3), (35, 50))[0]
    assert moved.boxes[0].tolist() == [1, 0, 11, 10]


def test_each_window_is_seen_at_the_scale_that_makes_it_nearest_to_the_size():
    module, image = network(), RNG(1).random((24, 20, 2)).astype(np.float32)
    small, large = np.array([[2, 2, 7, 7]]), np.array([[0, 0, 20, 20]])
    both = at_scales(module, image, np.concatenate([small, large]), (12, 24, 48), 10)
    doubled, halved = (resize(image[None], size)[0] for size in ((48, 40), (12, 10)))
    np.testing.assert_allclose(both[0], at_once(module, doubled, 2 * small)[0], rtol=1e-5)
    np.testing.assert_allclose(both[1], at_once(module, halved, large / 2)[0], rtol=1e-5)


def test_without_its_end_a_network_describes_regions():
    module, image = network(), RNG(1).random((12, 12, 2)).astype(np.float32)
    boxes = np.array([[0, 0, 6, 6], [2, 3, 11, 12]])
    described = at_once(without_end(module), image, boxes)
    assert described.shape == (2, 6)
    np.testing.assert_allclose(module.head.layers[-1](described), at_once(module, image, boxes))


def test_machines_of_regions_learn_true_boxes_against_those_that_overlap_little():
    truth = np.array([[0, 0, 10, 10], [20, 20, 30, 30]])
    windows = np.concatenate([truth, [[0, 0, 10, 5], [0, 0, 10, 2], [40, 40, 50, 50]]])
    shared = overlaps_by_class(windows, truth, np.array([0, 1]), 3)
    assert shared[:, :2].tolist() == [[1, 0], [0, 1], [0.5, 0], [0.2, 0], [0, 0]]
    assert not shared[:, 2].any()
    x = np.array([[9, 0], [0, 9], [9, 0.1], [-8, 1], [1, -9]], np.float32)
    machines = RegionMachines().fit([x], [shared])
    scores = machines.scores(x)
    assert (np.sign(scores[:, 0]) == [1, -1, 1, -1, -1]).all()  # the third one taught nothing
    assert (np.sign(scores[:, 1]) == [-1, 1, -1, -1, -1]).all()
    assert (scores[:, 2] == -np.inf).all()  # nothing of that class was seen
