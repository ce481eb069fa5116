"""A class for every pixel: fully convolutional networks, from coarse to fine, and a random field.

Patch by patch at first: dense layers read as convolutions score all patches of an image at once.
FCN-32 learns, FCN-16 goes on from its weights, FCN-8 from those (Long et al. 2015); beside them the
same with enlarging that stays bilinear, and an FCN-32 that learns as long. At the end a random
field (Kraehenbuehl & Koltun 2011, dense but for its Gaussian of 8 pixels, cut at 12), added to the
trained network, or learning together with it (Zheng et al. 2015). On scenes made by rule, or with
--data on a pedestrians.npz, in five folds.
"""

import time
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.detection.reading import read_pedestrians
from rosenblatt.detection.scenes import CLASSES, Scene, make_scene
from rosenblatt.detection.segmenter import (
    GREY,
    Design,
    Pixels,
    chain,
    copied,
    fully_convolutional,
    logits,
    overlaps,
    patch_layers,
    patch_logits,
    patch_wise,
    pixels,
    refined,
    train,
    with_field,
)
from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import FOLDS, Settings, check_count, in_words, kept, means, split
from rosenblatt.layers import Module, Sequential
from rosenblatt.models.dense_evaluation import as_convolutions, patches
from rosenblatt.report.style import bare, few_shades, figure
from rosenblatt.train.fit_results import Result

DRAWN = 4  # images
REPEATS = 5  # of what is timed; the least counts
# The network that is timed patch by patch and at once, whatever learns below. What is saved grows
# with the filters: those of neighbouring patches are shared, the dense layers on top are not.
TIMED = Design(patch=62, halvings=3, filters=(16, 32, 64))
# What is compared with what; both have been trained for equally many epochs, but the patches'
# network. That one learns from single pixels, of images that are not varied and all count alike,
# and is asked without their mirror images: the comparison is of two ways as they are, not of one
# difference.
DIFFERENCES = {
    "skips against none": ("FCN-8", "FCN-32 as long"),
    "learned enlarging against bilinear": ("FCN-8", "FCN-8 bilinear"),
    "field added against none": ("FCN-8 and field", "FCN-8"),
    "field learned together against none": ("FCN-8 with field", "FCN-8 as long"),
    "fully convolutional against patches": ("FCN-8", "patch by patch"),
}


def at_once(side: int, design: Design) -> dict[str, float]:
    """Compare scoring all patches of an image at once with one by one: difference and CPU times."""
    size, rng = design.patch, np.random.default_rng(0)
    layers = patch_layers(2, design)
    single = Sequential(layers)
    single.build((size, size, 3), rng)
    dense = as_convolutions(layers, (size, size, 3))
    image = rng.random((side, side, 3)).astype(np.float32)
    every = patches(image, size, 2**design.halvings)
    flat = np.ascontiguousarray(every).reshape(-1, size, size, 3)
    seconds, outputs = [], []
    for module, given in ((dense, image[None]), (single, flat)):
        module(given[:256])  # compiles
        spent = []
        for _ in range(REPEATS):
            start = time.process_time()
            parts = [module(given[n : n + 256]) for n in range(0, len(given), 256)]
            spent.append(time.process_time() - start)
        seconds.append(min(spent))
        outputs.append(np.concatenate([part.reshape(-1, 2) for part in parts]))
    gap = float(np.abs(outputs[0] - outputs[1]).max())
    return {"patches": len(flat), "largest_difference": gap,
            "times_faster": round(seconds[1] / seconds[0], 1)}  # fmt: skip


def scores_of_all(known: Pixels, asked: Pixels, classes: int, design: Design) -> dict[str, Any]:
    """Train all networks; return the logits of each for the images asked about, by name."""

    def ask(network: Module) -> np.ndarray:
        return logits(network, asked.images, design.seen)

    found = {"patch by patch": patch_logits(
        patch_wise(known, classes, design), asked.images, design)}  # fmt: skip
    networks = chain(known, classes, design, True)
    found |= {name: ask(network) for name, network in networks.items()}
    found["FCN-8 bilinear"] = ask(chain(known, classes, design, False)["FCN-8"])
    coarse = fully_convolutional(known, classes, design, 32)
    train(coarse, known, sum(design.epochs), design.images, design.rate, design.weight)
    found["FCN-32 as long"] = ask(coarse)

    shape = asked.images.shape[1:]
    fresh = with_field(networks["FCN-8"], shape).field
    found["FCN-8 and field"] = refined(fresh, found["FCN-8"], asked.images)
    longer = copied(networks["FCN-8"], known, design)
    together = with_field(copied(networks["FCN-8"], known, design), shape)
    for module in (longer, together):
        train(module, known, design.together, design.images_with_field, design.rate / 10,
              design.weight)  # fmt: skip
    found["FCN-8 as long"] = ask(longer)
    found["FCN-8 with field"] = refined(together.field, ask(together.network), asked.images)
    return found


def learn(known: list[Scene], asked: list[Scene], design: Design) -> Result:
    """Return the overlaps of all networks on one fold, and what the first images look like."""
    start = time.process_time()
    classes = 2 + max(int(scene.labels.max()) for scene in known)
    data, images = pixels(known, design.side), pixels(asked, design.side)
    found = scores_of_all(data, images, classes, design)
    facts: dict[str, Any] = {name: overlaps(scores, images.truth) for name, scores in found.items()}
    facts["cpu_seconds"] = round(time.process_time() - start, 1)
    arrays = {name: scores[:DRAWN].argmax(-1).astype(np.uint8) for name, scores in found.items()}
    return Result(arrays, facts)


def check_sizes(settings: Settings, scenes: list[Scene], side: int) -> None:
    """Raise UserError where a scene has no room in squares of `side` pixels."""
    for n, scene in enumerate(scenes):
        rows, columns, _ = scene.image.shape
        if max(rows, columns) > side:
            raise UserError(
                f"{settings.data}: photograph {n + 1} has {rows} x {columns} pixels; the networks "
                f"take {side} x {side} at most: make it smaller."
            )


def plan(settings: Settings) -> tuple[list[Scene], Design, int]:
    """Return the scenes, the design, and how many folds there are.

    Raises UserError as the reader, and where scenes are too few or too large.
    """
    if settings.data:
        if settings.data.is_dir():
            raise UserError(
                f"{settings.data}: is a folder, whose boxes do not tell the class of a pixel; give "
                "an npz of image, instance and size."
            )
        scenes, folds = read_pedestrians(settings.data), FOLDS
        design = Design(
            side=192, seen=256, epochs=(40, 15, 45), together=1, images=4, patch=62, halvings=3,
        )  # fmt: skip
    else:
        design, folds = Design(), 1
        count = 10 if settings.quick else 1000
        scenes = [make_scene(np.random.default_rng(seed), design.side) for seed in range(count)]
    if settings.quick:
        scenes, folds = scenes[:10], 1
        design = replace(design, epochs=(2, 1, 1), together=1, patch_steps=10)
    check_count(settings, len(scenes), folds)
    check_sizes(settings, scenes, design.side)
    return scenes, design, folds


def run(settings: Settings) -> dict[str, Any]:
    scenes, design, folds = plan(settings)
    faster = at_once(96 if settings.quick else 192, TIMED)
    settings.say(f"all patches at once: {in_words(faster)}")
    rows = []
    for fold in range(folds):
        known, asked = split(scenes, fold)
        facts = fold, len(scenes), asdict(design)
        result = kept(settings, facts, partial(learn, known, asked, design))
        rows.append(result.facts)
        settings.say(f"fold {fold + 1}: {in_words(result.facts)}")
        if fold == 0:
            draw(result.arrays, pixels(asked[:DRAWN], design.side), settings)
    average = dict(means(rows))
    gained = {
        name: round(average[one]["foreground"] - average[other]["foreground"], 4)
        for name, (one, other) in DIFFERENCES.items()
    }
    return {
        "all_patches_at_once": faster, "scenes": len(known), "test_scenes": len(asked),
        "folds": folds, "design": asdict(design), "intersection_over_union": average,
        "differences_of_foreground": gained, "by_fold": rows,
        "training": {"cpu_seconds": round(sum(row["cpu_seconds"] for row in rows), 1)},
    }  # fmt: skip


def draw(found: dict[str, np.ndarray], asked: Pixels, settings: Settings) -> None:
    """Draw images, the truth, and what each network makes of them."""
    from matplotlib import colormaps
    from matplotlib.patches import Patch

    rows = {"image": few_shades(asked.images + GREY), "truth": np.maximum(asked.truth, 0), **found}
    names = ["background", *(("pedestrian",) if settings.data else CLASSES)]
    shades = colormaps["viridis"](np.linspace(0, 1, len(names)))
    with figure(settings.picture, 2.1 * len(rows), 2.3 * len(asked.images) + 0.6) as drawing:
        panels = drawing.subplots(len(asked.images), len(rows), squeeze=False)
        for column, (name, images) in enumerate(rows.items()):
            panels[0, column].set_title(name.replace(" ", "\n", 1), fontsize=6)
            for axes, image in zip(panels[:, column], images, strict=True):
                axes.imshow(image, cmap="viridis", vmin=0, vmax=len(names) - 1)
                bare(axes)
        handles = [
            Patch(facecolor=shade, label=name) for name, shade in zip(names, shades, strict=True)
        ]
        drawing.legend(handles=handles, loc="outside lower center", ncols=len(names), fontsize=6)
