"""Augmentation: each change against its slow twin or its definition, and its independence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import STREAM, Augmentation
from rosenblatt.kernels.core.random import fill_uniform
from rosenblatt.kernels.vision import augmentation as kernels
from tests.reference.vision import augmentation as reference

EVERYTHING = Augmentation(
    shift=2, rotation=20, scale=0.2, shear=0.2, alpha=20, sigma=2, flip=0.5, crop=2,
    brightness=0.1, contrast=0.3, saturation=0.3, cutout=3, border=0.25,
)  # fmt: skip


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def test_nothing_asked_for_changes_nothing():
    batch = images(3, 9, 8, 3)
    np.testing.assert_array_equal(Augmentation()(batch, 1, 2), batch)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**31), st.permutations(range(5)))
def test_a_change_depends_on_seed_step_and_index_alone(seed, step, order):
    batch, index = images(5, 9, 8, 3), np.arange(100, 105)
    whole = EVERYTHING(batch, seed, step, index)
    shuffled = EVERYTHING(batch[order], seed, step, index[order])
    np.testing.assert_array_equal(shuffled, whole[order])
    place = batch.copy()
    assert EVERYTHING(place, seed, step, index, out=place) is place
    np.testing.assert_array_equal(place, whole)


def test_seed_step_and_index_each_matter():
    batch = images(1, 9, 8, 1)
    zero, one = np.array([0]), np.array([1])
    changed = [EVERYTHING(batch, *draw) for draw in ((0, 0, zero), (1, 0, zero), (0, 1, zero))]
    changed.append(EVERYTHING(batch, 0, 0, one))
    assert len({array.tobytes() for array in changed}) == 4


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 1000))
def test_affine_map_inverts_rotation_shear_and_scales(seed, index):
    chosen = Augmentation(shift=3, rotation=30, scale=0.3, shear=0.4)._settings()
    place, shape = kernels.Draw(np.uint64(seed), 0, index), (9, 12)
    a, b, y0, c, d, x0 = kernels._source_of_target(chosen, place, shape)
    inverse = np.array([[a, b], [c, d]], np.float64)
    turn, lean, tall, wide = (
        float(word) / 2**31 - 1 for word in kernels._words(place, kernels.LINEAR)
    )
    forward = reference.forward_matrix(
        turn * np.pi / 6, lean * 0.4, (1 + tall * 0.3, 1 + wide * 0.3)
    )
    np.testing.assert_allclose(inverse @ forward, np.eye(2), atol=2e-6)
    down, right, _, _ = (float(word) / 2**31 - 1 for word in kernels._words(place, kernels.MOVE))
    centre = np.array([4.0, 5.5])  # goes to itself, moved
    moved = centre + 3 * np.array([down, right])
    np.testing.assert_allclose(inverse @ moved + [y0, x0], centre, atol=2e-5)


def test_warp_is_bilinear_and_shows_the_border_outside():
    image, shape = images(6, 7, 3), (6, 7)
    chosen = Augmentation(shift=3, rotation=40, scale=0.3, shear=0.3)
    for index in range(5):
        key = 1 ^ STREAM
        place = kernels.Draw(np.uint64(key), 0, index)
        inverse = kernels._source_of_target(chosen._settings(), place, shape)
        a, b, y0, c, d, x0 = (float(value) for value in inverse)
        found = chosen(image[None], 1, 0, np.array([index]))[0]
        for i in range(6):
            for j in range(7):
                y, x = y0 + a * i + b * j, x0 + c * i + d * j
                expected = reference.bilinear(image, y, x, 0.0)
                np.testing.assert_allclose(found[i, j], expected, atol=1e-5)


def test_elastic_field_is_smoothed_noise():
    chosen = Augmentation(alpha=5, sigma=1.5)
    bell, place, shape = chosen._gaussian(), kernels.Draw(np.uint64(3), 4, 5), (6, 9)
    np.testing.assert_allclose(bell.sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(bell[6] / bell[5], np.exp(-1 / (2 * 1.5**2)), rtol=1e-6)
    field = kernels._displacement(place, kernels.FIELD_Y, shape, np.float32(5), bell)
    noise = np.empty(6 * 9, np.float32)
    fill_uniform(place[0], 4, 5, kernels.FIELD_Y, noise)
    expected = reference.smoothed(5 * (2 * noise.reshape(shape) - 1), bell)
    np.testing.assert_allclose(field.reshape(6, -1)[:, :9], expected, atol=1e-5)


def test_flip_is_a_mirror_image_with_the_given_chance():
    batch = images(200, 4, 5, 3)
    mirrored = Augmentation(flip=1)(batch, 1, 0)
    np.testing.assert_array_equal(mirrored, batch[:, :, ::-1])
    half = Augmentation(flip=0.5)(batch, 1, 0)
    share = np.mean([np.array_equal(x, y) for x, y in zip(half, mirrored, strict=True)])
    assert abs(share - 0.5) < 4 * 0.5 / np.sqrt(200)


def test_crop_moves_by_every_whole_number_of_pixels():
    batch = np.tile(images(1, 5, 6, 2), (300, 1, 1, 1))
    cropped = Augmentation(crop=1, border=9)(batch, 1, 0)
    padded = np.pad(batch[0], ((1, 1), (1, 1), (0, 0)), constant_values=9)
    crops = {padded[i : i + 5, j : j + 6].tobytes() for i in range(3) for j in range(3)}
    assert {image.tobytes() for image in cropped} == crops


def test_light_keeps_what_it_must():
    batch = images(50, 5, 6, 3)
    steeper = Augmentation(contrast=0.5)(batch, 1, 0)
    axes = 1, 2, 3
    np.testing.assert_allclose(steeper.mean(axes), batch.mean(axes), rtol=1e-5)
    ratio = steeper.std(axes) / batch.std(axes)
    assert ratio.min() >= 0.5
    assert ratio.max() <= 1.5
    assert ratio.std() > 0.2
    purer = Augmentation(saturation=0.5)(batch, 1, 0)
    np.testing.assert_allclose(purer.mean(3), batch.mean(3), rtol=1e-4, atol=1e-5)
    lighter = Augmentation(brightness=0.5)(batch, 1, 0) - batch
    assert np.ptp(lighter, axis=axes).max() < 1e-6
    assert np.abs(lighter).max() <= 0.5
    assert lighter.std() > 0.2


def test_cut_out_blanks_one_square():
    batch = images(200, 8, 9, 2) + 1
    blank = Augmentation(cutout=3, border=-1)(batch, 1, 0) == -1
    np.testing.assert_array_equal(blank[..., 0], blank[..., 1])
    areas = blank[..., 0].sum((1, 2))
    assert set(areas) == {4, 6, 9}  # in a corner, at an edge, inside
    assert blank[..., 0].any(0).all()


@pytest.mark.parametrize(
    "table",
    [{"shift": -1}, {"flip": 1.5}, {"scale": 1}, {"sigma": 0}, {"border": float("nan")}],
)
def test_impossible_settings_are_refused(table):
    with pytest.raises(UserError, match=next(iter(table))):
        Augmentation(**table)


def test_an_out_that_cannot_be_written_is_refused():
    batch = images(2, 8, 8, 1)
    for out in (np.broadcast_to(np.float32(0), batch.shape), batch.tolist(), batch[:1]):
        with pytest.raises(UserError, match="out is"):
            Augmentation()(batch, 0, 0, out=out)
