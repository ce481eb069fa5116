"""The detector: its loss, and the windows that it learns from."""

import numpy as np

from rosenblatt.detection import detector
from rosenblatt.detection.boxes import enlarge
from rosenblatt.detection.region_network import warp
from rosenblatt.detection.scenes import make_scene
from rosenblatt.features.resize import resize
from tests.gradients import assert_gradient


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
