"""Small PNGs: the pixels that Matplotlib reads, or none."""

import io
import struct
import zlib

import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from rosenblatt.data.png import small_png

R = np.random.default_rng(0)
SMOOTH = (np.add.outer(np.arange(19), 2 * np.arange(23)) * 3).astype(np.uint8)


def written(pixels, mode=None, **how):
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, "png", **how)
    return file.getvalue()


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (28, 28), (5, 7, 3), (9, 4, 4)])
def test_pixels_are_those_of_matplotlib(shape):
    noise = R.integers(0, 256, shape, np.uint8)
    for pixels in (noise, np.resize(SMOOTH, shape)):
        content = written(pixels)
        found = small_png(content)
        assert found.dtype == np.float32
        assert found.tobytes() == imread(io.BytesIO(content)).tobytes()
        assert found.shape == (*shape, 1)[:3]


@pytest.mark.parametrize("kind", range(5))
def test_each_filter_is_undone(kind):
    """A line of each filter, whose bytes the definition gives: predicted from left and above."""
    lines = SMOOTH[:2].astype(int)
    left, corner = (
        np.pad(lines, ((0, 0), (1, 0)))[:, :-1],
        np.pad(lines, ((1, 0), (1, 0)))[:-1, :-1],
    )
    above = np.pad(lines, ((1, 0), (0, 0)))[:-1]
    whole = left + above - corner
    choices = np.stack([left, above, corner])
    paeth = np.take_along_axis(choices, np.abs(whole - choices).argmin(0)[None], 0)[0]
    guess = [0 * left, left, above, (left + above) // 2, paeth][kind]
    content = png(np.column_stack([np.full(2, kind), lines - guess]) % 256)
    assert small_png(content).tobytes() == imread(io.BytesIO(content)).tobytes()
    assert (small_png(content)[..., 0] * 255).round().astype(int).tolist() == lines.tolist()


def png(lines):
    head = struct.pack(">IIBBBBB", lines.shape[1] - 1, len(lines), 8, 0, 0, 0, 0)
    data = zlib.compress(lines.astype(np.uint8).tobytes())
    parts = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def test_other_forms_and_damage_are_left_to_matplotlib():
    grey = R.integers(0, 256, (6, 6), np.uint8)
    content = written(grey)
    others = [written(grey, mode) for mode in ("P", "1", "LA")]
    others += [written(grey, transparency=3), written(grey.astype(np.uint16))]
    others += [written(np.zeros((300, 300), np.uint8))]
    damaged = [content[:n] for n in range(len(content) - 12)] + [b"", b"no picture", content[8:]]
    damaged += [content[:40] + bytes([content[40] ^ 1]) + content[41:]]
    assert all(small_png(one) is None for one in others + damaged)
