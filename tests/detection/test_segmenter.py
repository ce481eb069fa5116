"""Networks for pixels: their data, its variation, and scores where the pixels are."""

import numpy as np

from rosenblatt.detection import segmenter
from rosenblatt.detection.scenes import make_scene
from rosenblatt.layers import Sequential


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
