"""Windows told by one number or by several, in one dimension and in two."""

import json

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import (
    AveragePooling,
    AveragePooling1D,
    Convolution,
    Convolution1D,
    MaxPooling,
    MaxPooling1D,
    TransposedConvolution,
    UpSampling,
    from_description,
)
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Network
from rosenblatt.visualise.field import seen_by

RNG = np.random.default_rng


def built(layer, shape):
    layer.build(shape, RNG(0))
    return layer


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [
        (
            Convolution(3, 3, 2, 1),
            Convolution(3, (3, 3), (2, 2), ((1, 1), (1, 1)), dilation=(1, 1)),
        ),
        (Convolution(3, 3, padding="same"), Convolution(3, [3, 3], padding=[1, 1])),
        (MaxPooling(2), MaxPooling((2, 2), (2, 2), (0, 0))),
        (AveragePooling(3, 2), AveragePooling((3, 3), 2, ((0, 0), 0))),
        (TransposedConvolution(2, 3, 2), TransposedConvolution(2, (3, 3), (2, 2), (0, 0))),
        (UpSampling(2), UpSampling((2, 2))),
    ],
)
def test_a_number_for_both_is_one_for_each(plain, spelled):
    x = RNG(1).random((2, 7, 6, 3)).astype(np.float32)
    for layer in (plain, spelled):
        built(layer, x.shape[1:])
    np.testing.assert_array_equal(plain(x), spelled(x))
    again = from_description(json.loads(json.dumps(spelled.describe())))
    assert again.axes == spelled.axes == plain.axes
    assert plain.windows == spelled.windows


def test_a_row_of_an_image_is_a_sequence():
    x = RNG(1).random((2, 9, 4)).astype(np.float32)
    pairs = [
        (Convolution1D(6, 3, 2, (2, 0), "relu", dilation=2, groups=2),
         Convolution(6, (1, 3), (1, 2), (0, (2, 0)), "relu", dilation=(1, 2), groups=2)),
        (MaxPooling1D(3, 2, 1), MaxPooling((1, 3), (1, 2), (0, 1))),
        (AveragePooling1D(3, 2, 1, count_include_pad=False),
         AveragePooling((1, 3), (1, 2), (0, 1), count_include_pad=False)),
    ]  # fmt: skip
    for sequence, image in pairs:
        built(sequence, (9, 4)), built(image, (1, 9, 4))
        np.testing.assert_array_equal(sequence(x), image(x[:, None])[:, 0])


def test_groups_are_convolutions_side_by_side():
    x = RNG(1).random((2, 5, 6, 6)).astype(np.float32)
    whole = built(Convolution(9, 3, padding=1, groups=3), x.shape[1:])
    for i in range(3):
        part = built(Convolution(3, 3, padding=1), (5, 6, 2))
        part.weight.value[...] = whole.weight.value[..., 3 * i : 3 * i + 3]
        found = whole(x)[..., 3 * i : 3 * i + 3]
        np.testing.assert_allclose(part(x[..., 2 * i : 2 * i + 2]), found, rtol=1e-5, atol=1e-5)


def test_a_dilated_kernel_is_one_with_zeros_between_its_taps():
    x = RNG(1).random((2, 9, 8, 2)).astype(np.float32)
    dilated, wide = Convolution(3, 3, dilation=(2, 3)), Convolution(3, (5, 7))
    built(dilated, x.shape[1:]), built(wide, x.shape[1:])
    wide.weight.value[...] = 0
    wide.weight.value[::2, ::3] = dilated.weight.value
    np.testing.assert_allclose(dilated(x), wide(x), rtol=1e-5, atol=1e-5)


def test_ceil_mode_leaves_no_pixel_over_and_means_know_their_padding():
    x = np.arange(1.0, 6).reshape(1, 5, 1)
    assert MaxPooling1D(2, 2)(x).tolist() == [[[2], [4]]]
    assert MaxPooling1D(2, 2, ceil_mode=True)(x).tolist() == [[[2], [4], [5]]]
    means = {True: [1, 3, 3], False: [1.5, 3, 4.5]}  # of 0 1 2, 2 3 4, 4 5 0
    for include, expected in means.items():
        found = AveragePooling1D(3, 2, 1, count_include_pad=include)(x)
        np.testing.assert_allclose(found[0, :, 0], expected)
    # A window beyond the padding is as much smaller: the last holds 4, 5, and no number after it.
    found = AveragePooling1D(3, 3, ceil_mode=True)(x)
    np.testing.assert_allclose(found[0, :, 0], [2, 4.5])


def test_a_window_of_more_pixels_than_a_byte_counts():
    x = RNG(1).random((1, 17, 20, 2)).astype(np.float32)
    with Tape() as tape:
        pooled = MaxPooling((16, 20), 1)(seen := Variable(x, needs_gradient=True))
        expected = [x[0, i : i + 16].max((0, 1)) for i in (0, 1)]
        np.testing.assert_array_equal(pooled.value[0, :, 0], expected)
        tape.backward(pooled, np.ones_like(pooled.value))
        assert (seen.gradient.max((1, 2)) >= 1).all()
        assert seen.gradient.sum() == 4


@pytest.mark.parametrize(
    ("make", "shape", "words"),
    [
        (lambda: Convolution(4, (3, 2), padding="same"), None, "odd kernel_size, not 2"),
        (lambda: Convolution(4, 3, groups=3), None, "4 filters do not fall into 3 equal groups"),
        (lambda: Convolution(4, 3, groups=2), (5, 5, 3), "3 channels do not fall into 2"),
        (lambda: Convolution(4, (3, 3, 3)), None, "kernel_size"),
        (lambda: Convolution(4, 3, padding=(1, 2, 3)), None, "padding"),
        (lambda: Convolution1D(4, 3), (5, 5, 3), r"sequences \(T, C\)"),
        (lambda: Convolution(4, 3, dilation=3), (6, 6, 1), "does not fit"),
        (lambda: MaxPooling(2, 2, 2), (6, 6, 1), "padding alone"),
        (lambda: MaxPooling((0, 1)), None, "size"),
        (lambda: TransposedConvolution(2, 3, 2, output_padding=2), None, "less than the stride"),
    ],
)
def test_what_does_not_fit_is_refused(make, shape, words):
    with pytest.raises(UserError, match=words):
        make().build(shape, None)


def test_summary_and_field_tell_rows_from_columns():
    network = Network([Convolution(2, (3, 5), (1, 2)), MaxPooling((2, 1))], (9, 12, 1))
    assert "3 x 5 every 1 x 2" in network.summary()
    assert "4 x 5 every 2 x 2" in network.summary()
    layer = Convolution(2, (3, 5), (1, 2), ((1, 0), 0))
    assert seen_by(layer, ((2, 3), (1, 2)), (9, 12)) == ((1, 4), (2, 7))
    assert seen_by(Convolution1D(2, 3, padding=1), ((2, 3),), (9,)) == ((1, 4),)
