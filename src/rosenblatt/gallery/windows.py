"""Where to look: the best box by branch and bound, and windows by selective search.

Branch and bound (Lampert et al. 2008) finds the very optimum of exhaustive search over all boxes,
on random scores with an object planted in them. Selective search (Uijlings et al. 2013) proposes
windows without having learned anything, and sliding windows, many more, without having looked: here
on scenes made by rule, or on the photographs of a pedestrians.npz or a folder of PNGs with its
boxes.csv.
"""

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from rosenblatt.detection.boxes import overlap
from rosenblatt.detection.graph_segmentation import segment
from rosenblatt.detection.precision import coverage
from rosenblatt.detection.reading import read_photographs
from rosenblatt.detection.scenes import Scene, make_scene
from rosenblatt.detection.selective_search import LEAST_SIDE, selective_search
from rosenblatt.detection.windows import branch_and_bound, exhaustive, sliding_windows
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.report.style import BLUE, GREEN, ORANGE, bare, few_shades, figure

SIZE = (40, 48)  # of the random scores
ASPECTS = (0.5, 1.0, 2.0)  # heights by widths of sliding windows
MOVED = 0.25  # of the square root of their area


def planted(seed: int) -> np.ndarray:
    """Return whole scores [40, 48], mostly negative, in a box of which they are mostly positive."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(-6, 3, SIZE).astype(np.float64)
    height, width = rng.integers(8, 16, 2)
    top, left = rng.integers(0, SIZE[0] - height), rng.integers(0, SIZE[1] - width)
    scores[top : top + height, left : left + width] = rng.integers(-1, 5, (height, width))
    return scores


def search(cases: int) -> dict[str, Any]:
    """Compare branch and bound with exhaustive search on random scores."""
    same, ratios = 0, []
    for seed in range(cases):
        scores = planted(seed)
        every, few = exhaustive(scores), branch_and_bound(scores)
        same += every.score == few.score  # exact: sums of whole numbers
        ratios.append(every.evaluations / few.evaluations)
    return {
        "cases": cases, "same_optimum": same, "boxes": every.evaluations,
        "least_saving": round(min(ratios), 1), "median_saving": round(float(np.median(ratios)), 1),
    }  # fmt: skip


def scenes(settings: Settings) -> list[Scene]:
    """Return the scenes to propose windows in. Raises UserError as their reader."""
    count = 5 if settings.quick else 200
    if settings.data is None:
        return [make_scene(np.random.default_rng(seed)) for seed in range(count)]
    return read_photographs(settings.data).scenes[:count]


def sliding(size: tuple[int, int]) -> np.ndarray:
    """Return sliding windows [M, 4] of an image of size (H, W), whose areas double up to its own.

    The smallest are squares of the least side that selective search has windows of.
    """
    found, area = [], LEAST_SIDE**2
    while area <= max(size) ** 2:
        sides = [(round((area * a) ** 0.5), round((area / a) ** 0.5)) for a in ASPECTS]
        found.append(sliding_windows(size, sides, round(MOVED * area**0.5)))
        area *= 2
    return np.concatenate(found)


def run(settings: Settings) -> dict[str, Any]:
    images = scenes(settings)
    found = search(10 if settings.quick else 100)
    settings.say(f"branch and bound: {in_words(found)}")
    selective_search(images[0].image, np.random.default_rng(0))  # compiles
    start = time.process_time()
    windows = [selective_search(one.image, np.random.default_rng(0)) for one in images]
    seconds = (time.process_time() - start) / len(images)
    sizes = [one.image.shape[:2] for one in images]
    draw(images[:3], windows[:3], settings)
    return {
        "branch_and_bound": found,
        "selective_search": {
            "images": len(images), "objects": sum(len(one.boxes) for one in images),
            **covered(windows, images, [len(found) for found in windows]),
            "cpu_seconds_an_image": round(seconds, 3),
        },
        # Of all images at once they might not find room.
        "sliding_windows": covered(
            map(sliding, sizes), images, [len(sliding(size)) for size in sizes]
        ),
    }  # fmt: skip


def covered(
    windows: Iterable[np.ndarray], images: list[Scene], counts: list[int]
) -> dict[str, Any]:
    """Return how well windows [M, 4] of each image cover its objects, and how many they are."""
    share, mean = coverage(windows, [one.boxes for one in images])
    return {
        "covered_at_0.5": round(share, 4), "mean_best_overlap": round(mean, 4),
        "most_windows": max(counts), "mean_windows": round(float(np.mean(counts)), 1),
    }  # fmt: skip


def draw(images: list[Scene], windows: list[np.ndarray], settings: Settings) -> None:
    """Draw scores with the best box; scenes, their segmentation, and each object's best window."""
    scores = planted(0)
    with figure(settings.picture, 13, 7.7) as drawing:
        panels = drawing.subplots(2, len(images) + 1)
        for axes in panels.flat:
            bare(axes)
            axes.set_anchor("N")  # titles in one line
        panels[0, 0].imshow(scores, cmap="RdBu_r", vmin=-6, vmax=6)
        rectangle(panels[0, 0], branch_and_bound(scores).box, GREEN)
        panels[0, 0].set_title("scores: red for,\nblue against")
        panels[1, 0].set_axis_off()
        for color, name in (
            (BLUE, "an object"),
            (ORANGE, "its best window"),
            (GREEN, "the best box"),
        ):
            panels[1, 0].plot([], [], color=color, label=name)
        panels[1, 0].legend(loc="upper left")
        for column, (scene, found) in enumerate(zip(images, windows, strict=True), 1):
            above, below = panels[:, column]
            above.imshow(few_shades(scene.image))
            best = overlap(found, scene.boxes).argmax(0)
            for box, window in zip(scene.boxes, best, strict=True):
                rectangle(above, box, BLUE)
                rectangle(above, found[window], ORANGE)
            above.set_title(f"best of\n{len(found)} windows")
            labels = segment(scene.image)
            shades = np.random.default_rng(1).random((labels.max() + 1, 3))
            below.imshow(shades[labels])
            below.set_title(f"{labels.max() + 1} regions")


def rectangle(axes: Any, box: Any, color: str) -> None:
    """Draw a box."""
    from matplotlib.patches import Rectangle

    top, left, bottom, right = (float(side) for side in box)
    corner = (left - 0.5, top - 0.5)
    axes.add_patch(Rectangle(corner, right - left, bottom - top, fill=False, edgecolor=color))
