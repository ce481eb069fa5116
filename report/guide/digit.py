"""Draw digits by rule, train the digit page's network on them, and leave it beside this file.

    python report/guide/digit.py

writes digit.npz (the network's weights) and tests/site/drawn.npz (100 digits of another seed, for
the page's test). The digits are strokes written down below, bent at random: nobody's data set.
"""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src"))

import rosenblatt as rb  # noqa: E402
from rosenblatt.features.augmentation import Augmentation  # noqa: E402

SIDE, BOX = 28, 20  # of an image, and of the ink in it, as the page makes them
STEPS = 6  # of a curve between two points of a stroke
# A line is a way to write a digit: the digit; its strokes, parted by /, of points x y in 0..99.
WAYS = """
0  50 0 20 12 8 50 22 88 50 99 78 88 92 50 80 12 50 0
0  60 4 30 6 6 45 20 92 55 96 90 60 84 15 50 2 30 8
0  72 12 40 0 12 30 8 70 35 99 75 88 92 50 75 10 60 8
1  50 0 50 50 50 99
1  62 0 50 50 38 99
1  28 25 42 12 55 0/55 0 54 50 52 99
1  25 22 52 0/52 0 52 99/22 99 80 99
2  12 25 25 5 55 0 82 15 80 40 50 68 10 97/10 97 50 97 92 95
2  15 20 40 0 75 8 78 38 45 75 12 92 10 80 30 78 60 95 92 90
2  18 30 30 4 65 2 84 25 65 55 14 99/14 99 90 99
2  10 30 30 2 70 2 86 26 60 58 22 86/22 86 40 78 60 92 96 90
2  16 22 40 2 74 10 72 38 40 74 14 92 12 80 30 78 44 92/44 92 66 97 94 86
2  20 12 60 2 80 24 58 60 12 94/12 94 60 94 98 99
3  15 12 45 0 78 12 72 38 40 47/40 47 78 55 86 80 55 99 12 88
3  12 4 84 4/84 4 42 40/42 40 82 52 84 82 50 99 10 88
3  18 15 50 0 80 20 50 46 78 58 84 82 50 99 14 86
4  24 2 14 55/14 55 90 52/72 10 70 99
4  68 0 8 66/8 66 94 66/68 0 66 99
4  20 5 16 40 25 56 70 50/78 2 74 50 66 99
5  82 2 24 3/24 3 18 44/18 44 52 36 84 58 78 90 42 99 10 88
5  85 5 40 4 25 40 60 45 82 70 55 97 12 90
5  26 4 20 46/20 46 60 40 86 68 58 98 12 90/26 4 88 0
6  70 2 35 25 14 65 30 97 68 95 82 70 58 52 22 68
6  60 0 28 40 18 78 45 99 78 82 70 56 38 54 20 76
6  82 8 50 2 20 40 15 78 48 99 82 80 70 54 40 52 18 70
7  10 6 86 4/86 4 58 45 40 99
7  8 5 88 4/88 4 36 99/28 50 76 48
7  12 18 14 4/14 4 88 4/88 4 56 50 44 99
7  10 8 50 2 88 6 64 40 46 99
8  75 15 48 0 22 18 50 46 80 74 50 99 18 76 48 48 78 20 70 8
8  50 0 22 10 28 38 50 45 74 36 76 10 50 0/50 45 18 62 22 92 50 99 80 90 80 60 50 45
8  80 8 40 4 24 26 70 62 74 90 44 99 20 80 40 52 76 28 80 8
8  70 20 46 2 24 20 48 46 70 74 46 99 22 78 46 50 76 26 66 14
9  80 22 55 2 22 18 26 46 58 50 80 22/80 22 76 60 70 99
9  78 30 50 0 18 24 40 52 76 38 80 20 74 70 50 99 20 94
9  82 6 50 2 20 22 30 48 66 44 82 8/82 8 72 50 50 99
9  70 8 40 4 20 30 45 52 78 26 76 60 66 99
"""


def curve(points: np.ndarray) -> np.ndarray:
    """Return a stroke [M, 2] through its points [N, 2], rounded (Catmull & Rom 1974)."""
    if len(points) < 3:
        return points
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    a, b, c, d = (padded[n : len(padded) - 3 + n, None] for n in range(4))
    t = np.arange(STEPS)[:, None] / STEPS
    bent = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([bent.reshape(-1, 2), points[-1:]])


def ink(strokes: list[np.ndarray], width: float) -> np.ndarray:
    """Return an image [28, 28] in 0..1 of strokes in pixels: 1 within half a width of one."""
    first = np.concatenate([stroke[:-1] for stroke in strokes])
    along = np.concatenate([stroke[1:] for stroke in strokes]) - first
    place = np.arange(SIDE) + 0.5
    x = place[None, :, None] - first[:, 0]
    y = place[:, None, None] - first[:, 1]
    squares = np.maximum((along**2).sum(1), 1e-9)
    part = np.clip((x * along[:, 0] + y * along[:, 1]) / squares, 0, 1)
    distance = np.sqrt((x - part * along[:, 0]) ** 2 + (y - part * along[:, 1]) ** 2).min(2)
    return np.clip(width / 2 - distance + 0.5, 0, 1)


def drawn(digit: int, rng: np.random.Generator) -> np.ndarray:
    """Return a digit [28, 28] in 0..1: its ink in a box of 20, its centre of mass in the middle."""
    ways = [line[1:] for line in WAYS.splitlines() if line.startswith(str(digit))]
    way = ways[rng.integers(len(ways))]
    strokes = [np.array(part.split(), float).reshape(-1, 2) / 99 for part in way.split("/")]
    slant, turn, narrow = rng.uniform(-0.35, 0.35), rng.uniform(-0.2, 0.2), rng.uniform(0.45, 1.2)
    matrix = np.array([[narrow, turn], [slant - turn, 1]])
    strokes = [curve(s + rng.uniform(-0.1, 0.1, s.shape)) @ matrix for s in strokes]
    points, width = np.concatenate(strokes), rng.uniform(1.4, 4.2)
    low, high = points.min(0), points.max(0)
    scale = (BOX - width) / (high - low).max()
    strokes = [(s - (low + high) / 2) * scale + SIDE / 2 for s in strokes]
    image, place = ink(strokes, width), np.arange(SIDE) + 0.5
    centre = np.array([image.sum(0) @ place, image.sum(1) @ place]) / image.sum()
    return ink([s - centre + SIDE / 2 for s in strokes], width)


def digits(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images [N, 28, 28, 1] (float32, of 255 shades) and labels [N], each class as often."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    images = np.array([drawn(digit, rng) for digit in labels])
    return (np.rint(images * 255) / 255).astype(np.float32)[..., None], labels


def main() -> None:
    layers = [
        rb.Convolution(8, 5, padding="same", activation="relu"), rb.MaxPooling(2),
        rb.Convolution(16, 5, padding="same", activation="relu"), rb.MaxPooling(2),
        rb.Flatten(), rb.Dense(64, activation="relu"), rb.Dense(10),
    ]  # fmt: skip
    network = rb.Network(layers, input_shape=(SIDE, SIDE, 1))
    images, labels = digits(40_000, seed=1)
    plan = rb.Plan(
        epochs=15, optimiser=rb.SGD(), schedule=rb.OneCycle(0.05),
        augment=Augmentation(shift=1.5, rotation=10.0, scale=0.1, alpha=20.0),
    )  # fmt: skip
    network.fit(images, labels, plan)
    network.save(Path(__file__).with_suffix(".npz"))
    test, truth = digits(100, seed=2)
    print(f"of 100 new ones {network.score(test, truth):.0%} are told")
    np.savez_compressed(
        ROOT / "tests" / "site" / "drawn.npz", images=np.rint(test[..., 0] * 255).astype(np.uint8)
    )


if __name__ == "__main__":
    main()
