"""Changed copies of images in plain NumPy, drawn as the training drew them."""

import numpy as np

from rosenblatt.export.twins.parts import Part

STREAM = 0x6175676D656E74  # keeps these numbers apart from others of the same seed
WORD, BITS = np.uint64(0xFFFFFFFF), np.uint64(32)
LINEAR, MOVE, LIGHT, CUT, FIELD_Y, FIELD_X = range(6)  # what is drawn


def words(
    key: int, step: int, images: np.ndarray, purpose: int, block: np.ndarray | int = 0
) -> list[np.ndarray]:
    """Return four random words for each image, and each block: Philox-4x32-10 (Salmon 2011)."""
    x1, x3 = (one.astype(np.uint64) & WORD for one in np.broadcast_arrays(images, block))
    x0, x2 = np.full_like(x1, step & 0xFFFFFFFF), np.full_like(x1, purpose)
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p2 = x0 * np.uint64(0xD2511F53), x2 * np.uint64(0xCD9E8D57)
        x0, x1 = (p2 >> BITS) ^ x1 ^ np.uint64(k0), p2 & WORD
        x2, x3 = (p0 >> BITS) ^ x3 ^ np.uint64(k1), p0 & WORD
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [x0, x1, x2, x3]


def signed(word: np.ndarray) -> np.ndarray:
    """Return random words as numbers from -1 to 1."""
    return word.astype(np.float32) * np.float32(2.0**-31) - np.float32(1)


def below(word: np.ndarray, count: int) -> np.ndarray:
    """Return random words as whole numbers from 0 to count - 1."""
    return ((word * np.uint64(count)) >> BITS).astype(np.int64)


def changed(how: Part, images: np.ndarray, seed: int, step: int) -> np.ndarray:
    """Return images [N, H, W, C] bent, moved, lit and cut, as their places in the batch draw it."""
    key = (seed ^ STREAM) & (2**64 - 1)
    numbers = np.arange(len(images))
    mirror, lighter, steeper, purer = words(key, step, numbers, LIGHT)
    rows, columns = places(how, images.shape, key, step)
    if how.alpha > 0:
        rows = rows + bent(how, images.shape, key, step, FIELD_Y)
        columns = columns + bent(how, images.shape, key, step, FIELD_X)
    out = looked_up(images, rows, columns, np.float32(how.border))
    mirrored = mirror.astype(np.float32) * np.float32(2.0**-32) < np.float32(how.flip)
    out[mirrored] = out[mirrored, :, ::-1]
    if how.brightness > 0 or how.contrast > 0 or how.saturation > 0:
        lights = [
            offset + signed(word)[:, None, None, None] * np.float32(share)
            for offset, word, share in (
                (0, lighter, how.brightness),
                (1, steeper, how.contrast),
                (1, purer, how.saturation),
            )
        ]
        mean = out.mean((1, 2, 3), np.float64, keepdims=True).astype(np.float32)
        grey = out.mean(3, keepdims=True)
        colour = grey + lights[2] * (out - grey)
        out = mean + lights[1] * (colour - mean) + lights[0]
    if how.cutout > 0:
        down, right, _, _ = words(key, step, numbers, CUT)
        H, W = images.shape[1:3]
        y, x = (
            np.arange(size) - below(word, size)[:, None] + how.cutout // 2
            for word, size in ((down, H), (right, W))
        )
        inside = [(one >= 0) & (one < how.cutout) for one in (y, x)]
        out[inside[0][:, :, None] & inside[1][:, None]] = how.border
    return out


def bent(how: Part, shape: tuple, key: int, step: int, purpose: int) -> np.ndarray:
    """Return how far each pixel is bent, [N, H, W]: noise under a Gaussian (Simard et al. 2003)."""
    N, H, W, _ = shape
    blocks = np.arange(-(-H * W // 4))
    drawn = np.stack(words(key, step, np.arange(N)[:, None], purpose, blocks), 2)
    noise = (drawn.reshape(N, -1)[:, : H * W] >> np.uint64(8)).astype(np.float32)
    field = np.float32(how.alpha) * (noise * np.float32(2.0**-23) - 1).reshape(N, H, W)
    reach = int(np.ceil(3 * how.sigma))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / how.sigma) ** 2)
    bell = (bell / bell.sum()).astype(np.float32)
    for axis in (2, 1):
        around = [(reach, reach) if one == axis else (0, 0) for one in range(3)]
        framed = np.moveaxis(np.pad(field, around), axis, 0)
        field = np.zeros_like(field)
        for place, weight in enumerate(bell):
            run = framed[place : place + shape[axis]]
            field += weight * np.moveaxis(run, 0, axis)
    return field


def places(how: Part, shape: tuple, key: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and column of the source of each target pixel, [N, H, W] each."""
    N, H, W, _ = shape
    numbers = np.arange(N)
    turn, lean, tall, wide = (signed(word) for word in words(key, step, numbers, LINEAR))
    angle = turn * np.float32(np.radians(how.rotation))
    shear = lean * np.float32(how.shear)
    scale_y, scale_x = 1 + tall * np.float32(how.scale), 1 + wide * np.float32(how.scale)
    sine, cosine = np.sin(angle), np.cos(angle)
    down, right, crop_y, crop_x = words(key, step, numbers, MOVE)
    move_y, move_x = (
        signed(word) * np.float32(how.shift)
        + (below(crop, 2 * how.crop + 1) - how.crop).astype(np.float32)
        for word, crop in ((down, crop_y), (right, crop_x))
    )
    a, b = cosine / scale_y, sine / scale_y
    c, d = (-sine - shear * cosine) / scale_x, (cosine - shear * sine) / scale_x
    centre_y, centre_x = np.float32((H - 1) / 2), np.float32((W - 1) / 2)
    y0 = centre_y - a * (centre_y + move_y) - b * (centre_x + move_x)
    x0 = centre_x - c * (centre_y + move_y) - d * (centre_x + move_x)
    i, j = np.arange(H, dtype=np.float32)[:, None], np.arange(W, dtype=np.float32)
    rows = y0[:, None, None] + a[:, None, None] * i + b[:, None, None] * j
    return rows, x0[:, None, None] + c[:, None, None] * i + d[:, None, None] * j


def looked_up(
    images: np.ndarray, rows: np.ndarray, columns: np.ndarray, border: np.float32
) -> np.ndarray:
    """Return images [N, H, W, C] at places between pixels, bilinearly; outside is the border."""
    N, H, W, _ = images.shape
    framed = np.pad(images, ((0, 0), (1, 2), (1, 2), (0, 0)), constant_values=border)
    y, x = np.clip(rows, -1, H) + 1, np.clip(columns, -1, W) + 1
    top, left = y.astype(np.int64), x.astype(np.int64)
    v, u = (y - top)[..., None].astype(np.float32), (x - left)[..., None].astype(np.float32)
    n = np.arange(N)[:, None, None]
    upper = framed[n, top, left] * (1 - u) + framed[n, top, left + 1] * u
    lower = framed[n, top + 1, left] * (1 - u) + framed[n, top + 1, left + 1] * u
    return upper * (1 - v) + lower * v
