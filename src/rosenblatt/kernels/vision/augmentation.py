"""Each image of a batch bent, moved, mirrored, lit and cut differently.

Every number drawn is a function of (key, step, index of the image): order and threads do not
matter. The settings are halves of the ranges drawn from, 0 for off; see features/augmentation.py.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import cos, sin
from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel
from rosenblatt.kernels.core.random import bits, fill_uniform

F32 = np.float32
ZERO, HALF, ONE = F32(0), F32(0.5), F32(1)
INVERSE_2_31, INVERSE_2_32 = F32(2.0**-31), F32(2.0**-32)
# The third word of the counter: what is drawn. Typed, for Numba compiles anew for each literal.
LINEAR, MOVE, LIGHT, CUT, FIELD_Y, FIELD_X = (np.int64(number) for number in range(6))


class Settings(NamedTuple):
    """All float32: pixels for shift, crop, alpha and cutout, radians for rotation."""

    shift: np.float32
    rotation: np.float32
    scale: np.float32
    shear: np.float32
    alpha: np.float32
    flip: np.float32
    crop: np.float32
    brightness: np.float32
    contrast: np.float32
    saturation: np.float32
    cutout: np.float32
    border: np.float32


class Draw(NamedTuple):
    """The key, the step, and the number of an image among all."""

    key: np.uint64
    step: int
    image: int


class Inverse(NamedTuple):
    """The target's pixel (r, c) shows the source at (y0 + a r + b c, x0 + c r + d c)."""

    a: np.float32
    b: np.float32
    y0: np.float32
    c: np.float32
    d: np.float32
    x0: np.float32


class Places(NamedTuple):
    """For each target pixel [H W], the number of the frame's pixel up and left of where it lies,
    and the fractions by which it lies below and right of that one."""

    corner: np.ndarray
    down: np.ndarray
    right: np.ndarray


@inlined_kernel
def _words(draw, purpose):
    """Return four random words."""
    return bits(draw.key, draw.step, draw.image, purpose, np.int64(0))


@inlined_kernel
def _signed(word):
    """Turn a random word into a float32 in [-1, 1]."""
    return F32(word) * INVERSE_2_31 - ONE


@inlined_kernel
def _below(word, count):
    """Turn a random word into a whole number from 0 to count - 1."""
    return np.int64((np.uint64(word) * np.uint64(count)) >> np.uint64(32))


@kernel
def _source_of_target(settings, draw, shape):
    """Return where the source of each target pixel lies.

    The target is R(angle) shear diag(scales) (source - centre) + centre + move, and this is the
    inverse of it.
    """
    H, W = shape
    turn, lean, tall, wide = _words(draw, LINEAR)
    angle = _signed(turn) * settings.rotation
    shear = _signed(lean) * settings.shear
    scale_y = ONE + _signed(tall) * settings.scale
    scale_x = ONE + _signed(wide) * settings.scale
    sine, cosine = sin(angle), cos(angle)
    down, right, crop_y, crop_x = _words(draw, MOVE)
    crop = np.int64(settings.crop)
    move_y = _signed(down) * settings.shift + F32(_below(crop_y, 2 * crop + 1) - crop)
    move_x = _signed(right) * settings.shift + F32(_below(crop_x, 2 * crop + 1) - crop)
    # Rows of the inverse: first undo the rotation, then the shear, then the scales.
    a, b = cosine / scale_y, sine / scale_y
    c = (-sine - shear * cosine) / scale_x
    d = (cosine - shear * sine) / scale_x
    centre_y, centre_x = HALF * F32(H - 1), HALF * F32(W - 1)
    y0 = centre_y - a * (centre_y + move_y) - b * (centre_x + move_x)
    x0 = centre_x - c * (centre_y + move_y) - d * (centre_x + move_x)
    return Inverse(a, b, y0, c, d, x0)


@kernel
def _convolve(source, weights, stride, out):
    """Write out[i] = sum_k weights[k] source[i + k stride] to all of `out`."""
    out[:] = 0
    for k in range(weights.size):
        weight, run = weights[k], source[k * stride : k * stride + out.size]
        for i in range(out.size):
            out[i] += weight * run[i]


@kernel
def _displacement(draw, purpose, shape, alpha, weights):
    """Return a random field, smoothed by a Gaussian, times alpha (Simard et al. 2003, section 2).

    Outside of the image the field counts as 0. Flat, with rows of W + weights - 1 numbers, of
    which the first W count.
    """
    H, W = shape
    around = weights.size - 1
    row = W + around
    noise = np.empty(H * W, np.float32)
    fill_uniform(draw.key, draw.step, draw.image, purpose, noise)
    field = np.zeros((H + 1) * row, np.float32)
    for r in range(H):
        for c in range(W):
            field[r * row + around // 2 + c] = alpha * (F32(2) * noise[r * W + c] - ONE)
    smooth = np.zeros((H + around + 1) * row, np.float32)
    first = around // 2 * row
    _convolve(field, weights, np.int64(1), smooth[first : first + H * row])
    out = np.empty(H * row, np.float32)
    _convolve(smooth, weights, row, out)
    return out


@kernel
def _frame(image, border):
    """Copy an image [H, W, C] into a frame of `border`: 1 pixel before it and 2 after it; flat."""
    H, W, C = image.shape
    framed = np.empty((H + 3) * (W + 3) * C, np.float32)
    framed[:] = border
    for i in range(H):
        first = ((i + 1) * (W + 3) + 1) * C
        for j in range(W):
            for k in range(C):
                framed[first + j * C + k] = image[i, j, k]
    return framed


@kernel
def _places(inverse, fields, shape, places):
    """Write for each target pixel where it lies in the frame."""
    a, b, y0, c, d, x0 = inverse
    corner, down, right = places
    H, W = shape
    bottom, end = F32(H), F32(W)
    row = fields[0].size // H
    for i in range(H):
        bend_y, bend_x = fields[0][i * row :], fields[1][i * row :]
        corners, downs, rights = corner[i * W :], down[i * W :], right[i * W :]
        row_y, row_x = y0 + a * F32(i), x0 + c * F32(i)
        for j in range(W):
            y, x = row_y + b * F32(j) + bend_y[j], row_x + d * F32(j) + bend_x[j]
            y, x = (-ONE if y < -ONE else y), (-ONE if x < -ONE else x)
            y, x = (bottom if y > bottom else y) + ONE, (end if x > end else x) + ONE
            top, left = np.int32(y), np.int32(x)
            corners[j] = top * np.int32(W + 3) + left
            downs[j], rights[j] = y - F32(top), x - F32(left)


@kernel
def _warp(framed, places, mirrored, out):
    """Fill out [H, W, C] from the frame, bilinearly; what lies outside shows the frame."""
    corner, down, right = places
    H, W, C = out.shape
    below = np.uint64((W + 3) * C)
    channels = np.uint64(C)
    for i in range(H):
        for j in range(W):
            p = i * W + j
            first = np.uint64(corner[p]) * channels
            v, u = down[p], right[p]
            column = W - 1 - j if mirrored else j
            for k in range(channels):
                at = first + k
                upper = framed[at] + u * (framed[at + channels] - framed[at])
                at += below
                lower = framed[at] + u * (framed[at + channels] - framed[at])
                out[i, column, k] = upper + v * (lower - upper)


@kernel
def _light(image, brightness, contrast, saturation):
    """Stretch an image about its mean, its colours about their grey, and lighten it, in place."""
    H, W, C = image.shape
    total = 0.0
    for i in range(H):
        for j in range(W):
            for k in range(C):
                total += image[i, j, k]
    mean = F32(total / (H * W * C))
    for i in range(H):
        for j in range(W):
            grey = ZERO
            for k in range(C):
                grey += image[i, j, k]
            grey = grey / F32(C)
            for k in range(C):
                colour = grey + saturation * (image[i, j, k] - grey)
                image[i, j, k] = mean + contrast * (colour - mean) + brightness


@kernel
def _cut_out(image, side, words, border):
    """Overwrite a square whose centre is any pixel (DeVries & Taylor 2017, section 3.2)."""
    H, W, C = image.shape
    top = _below(words[0], H) - side // 2
    left = _below(words[1], W) - side // 2
    for i in range(max(top, 0), min(top + side, H)):
        for j in range(max(left, 0), min(left + side, W)):
            for k in range(C):
                image[i, j, k] = border


@kernel
def augment_image(image, draw, settings, weights, out):
    """Write one image [H, W, C], changed, to `out`, which may be the image itself."""
    shape = image.shape[:2]
    inverse = _source_of_target(settings, draw, shape)
    if settings.alpha > 0:
        fields = (
            _displacement(draw, FIELD_Y, shape, settings.alpha, weights),
            _displacement(draw, FIELD_X, shape, settings.alpha, weights),
        )
    else:
        none = np.zeros(shape[0] * shape[1], np.float32)
        fields = (none, none)
    mirror, lighter, steeper, purer = _words(draw, LIGHT)
    mirrored = F32(mirror) * INVERSE_2_32 < settings.flip
    pixels = shape[0] * shape[1]
    down, right = np.empty(pixels, np.float32), np.empty(pixels, np.float32)
    places = Places(np.empty(pixels, np.int32), down, right)
    _places(inverse, fields, shape, places)
    _warp(_frame(image, settings.border), places, mirrored, out)
    if settings.brightness > 0 or settings.contrast > 0 or settings.saturation > 0:
        _light(
            out,
            _signed(lighter) * settings.brightness,
            ONE + _signed(steeper) * settings.contrast,
            ONE + _signed(purer) * settings.saturation,
        )
    if settings.cutout > 0:
        words = _words(draw, CUT)
        _cut_out(out, np.int64(settings.cutout), words, settings.border)


@kernel
def augment_serially(images, indices, key, step, settings, weights, out):
    """Write images [N, H, W, C] (float32), each changed, to `out`; indices [N].

    weights [odd]: the Gaussian that smooths the elastic fields.
    """
    for n in range(images.shape[0]):
        augment_image(images[n], Draw(key, step, indices[n]), settings, weights, out[n])


@parallel_kernel
def augment(images, indices, key, step, settings, weights, out):
    """Do as augment_serially, with all threads."""
    for n in prange(images.shape[0]):
        augment_image(images[n], Draw(key, step, indices[n]), settings, weights, out[n])
