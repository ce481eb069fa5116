"""Virtual support vectors: what is learned of a change that the samples never showed."""

import numpy as np

from rosenblatt.classic import SVM, VirtualSVM
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.gram import Gaussian


def strokes(count, shift, seed=0):
    """Return images of a stroke moved up to `shift` pixels, and whether it is upright."""
    rng = np.random.default_rng(seed)
    images = 0.1 * rng.random((count, 8, 8, 1), dtype=np.float32)
    upright = np.arange(count) % 2
    places = 4 + rng.integers(-shift, shift + 1, count)
    for image, turned, place in zip(images, upright, places, strict=True):
        line = image[1:7, place] if turned else image[place, 1:7]
        line += 1
    return images, upright


def pixels(images):
    return images.reshape(len(images), -1)


def test_learns_to_ignore_a_shift_that_no_training_image_shows():
    images, labels = strokes(20, 0)
    names = np.array(["level", "upright"])[labels]
    moved, answers = strokes(60, 2, seed=1)
    machine = VirtualSVM(pixels, Augmentation(shift=2.5), copies=20, views=0).fit(images, names)
    assert machine.second_.support_.size > 0
    plain = SVM(Gaussian(1.0), cost=10).fit(pixels(images), labels)
    virtual = np.mean(machine.predict(moved) == np.array(["level", "upright"])[answers])
    assert virtual > max(0.9, np.mean(plain.predict(pixels(moved)) == answers))


def test_views_are_averaged_and_equal_seeds_give_equal_scores():
    images, labels = strokes(24, 1)
    classes = labels + 2 * (np.arange(24) % 4 == 0)
    many = VirtualSVM(pixels, Augmentation(shift=1), copies=2, views=3).fit(images, classes)
    again = VirtualSVM(pixels, Augmentation(shift=1), copies=2, views=3).fit(images, classes)
    scores = many.decision_function(images)
    assert scores.shape == (24, 3)
    np.testing.assert_array_equal(scores, again.decision_function(images))
    single = many.second_.decision_function
    wanted = single(many._features(images))
    for view in range(3):
        wanted = wanted + single(many._features(Augmentation(shift=1)(images, 1, view)))
    np.testing.assert_allclose(scores, wanted / 4, rtol=1e-5)
