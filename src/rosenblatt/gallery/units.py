"""What units respond to: filters, top patches, deconvnet, guided back-propagation, occlusion.

Five looks into one trained network: its first filters; for some units of a deeper layer the patches
with the largest response, and what in each made the unit respond (Zeiler & Fergus 2014;
Springenberg et al. 2015); which part of an image the decision needs; the regions whose units speak
for a class (Girshick et al. 2014).
"""

from typing import Any

import numpy as np

from rosenblatt.gallery.pictures import Pictures, pictures
from rosenblatt.gallery.runner import Settings
from rosenblatt.layers import Convolution, Dense, GlobalAverage, MaxPooling, Module, ReLU
from rosenblatt.models.convolutional import normalised
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import bare, figure
from rosenblatt.train import Adam, Cosine, Network, Plan
from rosenblatt.visualise.inside import Unit, first_filters, layer_numbers, responses
from rosenblatt.visualise.occlusion import occlusion_map
from rosenblatt.visualise.reconstruct import contrast, reconstruct
from rosenblatt.visualise.top_patches import Patch, class_regions, cut, top_patches

UNITS, PATCHES, REGIONS = 3, 4, 16  # drawn


def network(shape: tuple[int, ...], classes: tuple[str, ...], width: int) -> Network:
    """Return a network of three convolutions whose last map is averaged: its class's weights."""
    layers: list[Module] = [Convolution(width, 5, padding="same", activation="relu"), MaxPooling(2)]
    layers += [*normalised(2 * width, 3), ReLU(), MaxPooling(2)]
    layers += [*normalised(2 * width, 3), ReLU(), GlobalAverage(), Dense(len(classes))]
    return Network(layers, shape)


def busiest(module: Network, images: np.ndarray, layer: int, count: int) -> list[Unit]:
    """Return the units of a layer whose best patch stands out most from their mean response."""
    maps = responses(module, images, layer)
    maps = maps.reshape(-1, maps.shape[-1])
    order = np.argsort(-(maps.max(0) / (maps.mean(0) + 1e-6)), kind="stable")
    alive = [int(c) for c in order if (maps[:, c] > 0).mean() > 0.01]
    return [Unit(layer, channel) for channel in alive[:count]]


def run(settings: Settings) -> dict[str, Any]:
    data = pictures(settings, None if settings.data else 16, 200 if settings.quick else None)
    module = network(data.train.shape[1:], data.classes, 8 if settings.quick else 24)
    epochs = 2 if settings.quick else 30
    plan = Plan(epochs=epochs, batch_size=16, optimiser=Adam(), schedule=Cosine(0.004))
    module.fit(data.train, data.labels, plan)
    accuracy = module.score(data.test, data.test_labels)
    settings.say(f"accuracy {accuracy:.4f}")
    layer = layer_numbers(module, data.train.shape[1:], ReLU)[0]
    units = busiest(module, data.train, layer, UNITS)
    label = int(data.test_labels[0])
    image = data.test[0]
    side = max(3, len(image) // 4)
    covered = occlusion_map(module, image, label, side, max(1, side // 3), float(image.mean()))
    regions = class_regions(module, data.test, label, REGIONS)
    draw(module, data, units, covered, regions, settings)
    right = [data.test_labels[patch.image] == label for patch in regions]
    return {
        "accuracy": round(accuracy, 4), "layer": layer,
        "units": [unit.channel for unit in units],
        "probability": round(float(module.predict_proba(image[None])[0, label]), 4),
        "least_when_covered": round(float(covered.min()), 4),
        "regions_of_the_class": round(float(np.mean(right)), 4),
    }  # fmt: skip


def visible(image: np.ndarray) -> np.ndarray:
    """Return an image [h, w, C] in 0..1 as matplotlib wants it: grey ones dark on white."""
    return np.clip(image if image.shape[2] == 3 else 1 - image.mean(2), 0, 1)


def reconstructions(
    module: Network, data: Pictures, unit: Unit, patches: list[Patch]
) -> list[list[np.ndarray]]:
    """Return three rows: the patches, and what of each deconvnet and guidance carry back."""
    images = data.train[[patch.image for patch in patches]]
    rows = [[visible(patch.pixels) for patch in patches]]
    for method in ("deconvnet", "guided"):
        back = reconstruct(module, images, unit, method)
        parts = zip(back, patches, strict=True)
        rows.append([contrast(cut(picture, patch.field)) for picture, patch in parts])
    return rows


def draw(
    module: Network,
    data: Pictures,
    units: list[Unit],
    covered: np.ndarray,
    regions: list[Patch],
    settings: Settings,
) -> None:
    """Draw the five looks."""
    with figure(settings.picture, 18, 12) as drawing:
        halves: Any = drawing.subfigures(2, 1, height_ratios=(4, 3))  # rows of tiles
        above, below = halves
        first, second, third = above.subfigures(1, 3)
        filters = [contrast(f) for f in first_filters(module)]
        across = 4 if len(filters) >= 16 else 3
        show(first, in_rows(filters[: across * across], across), "first filters")
        show_occlusion(second, data, covered)
        name = drawn(data.classes[int(data.test_labels[0])])
        pixels = [visible(patch.pixels) for patch in regions]
        show(third, in_rows(pixels, PATCHES), f"regions that speak for class {name}")
        for part, unit in zip(below.subfigures(1, len(units)), units, strict=True):
            patches = top_patches(module, data.train, unit, PATCHES)
            title = f"unit {unit.channel}: patches, deconvnet, guided"
            show(part, reconstructions(module, data, unit, patches), title)


def in_rows(images: list[np.ndarray], across: int) -> list[list[np.ndarray]]:
    """Return images in rows of so many."""
    return [images[i : i + across] for i in range(0, len(images), across)]


def show(part: Any, rows: list[list[np.ndarray]], title: str) -> None:
    """Draw rows of small images under a title."""
    close = {"wspace": 0.02, "hspace": 0.02}
    grid = part.subplots(len(rows), max(map(len, rows)), squeeze=False, gridspec_kw=close)
    part.suptitle(title, fontsize=8)
    for axes in grid.flat:
        bare(axes)
    for line, images in zip(grid, rows, strict=True):
        for axes, image in zip(line, images, strict=False):
            axes.imshow(image, cmap="gray", vmin=0, vmax=1)


def show_occlusion(part: Any, data: Pictures, covered: np.ndarray) -> None:
    """Draw the image, and the probability of its class by where it is covered."""
    above, below = part.subplots(2, 1)
    part.suptitle("its class's chance, where covered", fontsize=8)
    above.imshow(visible(data.test[0]), cmap="gray", vmin=0, vmax=1)
    shown = below.imshow(covered, cmap="viridis", vmin=0, vmax=1)
    part.colorbar(shown, ax=(above, below), shrink=0.7)
    bare(above)
    bare(below)
