"""A sheet of sample images: a row for each class."""

import io
from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.scaling import Scaling
from rosenblatt.files import write_atomic
from rosenblatt.kinds import tables_in
from rosenblatt.report.escape import drawn

SAMPLES = 12  # images of a class
CLASSES = 20  # rows of a sheet


def write_sheet(path: Path | str, challenge: Challenge, recipe: Recipe | None = None) -> None:
    """Draw up to 12 training images of each of up to 20 classes as a PNG, whole or not at all.

    The images are spread evenly over the file. With a recipe, each row is one image of its class,
    then copies of it as the recipe's networks see them, those of its members in turn. Raises
    UserError as write_atomic, and where no network of the recipe has an augmentation.
    """
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    shown = [index for index in range(len(challenge.classes)) if (challenge.labels == index).any()]
    shown = shown[:CLASSES]
    if recipe is None:
        mosaic = np.concatenate([_strip(_samples(challenge, index)) for index in shown])
        title = "training images by class"
    else:
        changes, scaling = _changes(recipe), Scaling.fit(challenge.train, recipe.features.scale)
        mosaic = np.concatenate([_strip(_seen(challenge, i, scaling, changes)) for i in shown])
        title = "a training image of each class, then as the networks see it"
    figure = Figure(figsize=(7, 0.6 + 0.55 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(mosaic, interpolation="nearest")
    height = len(mosaic) / len(shown)
    places = [(place + 0.5) * height - 0.5 for place in range(len(shown))]
    axes.set_yticks(places, [drawn(challenge.classes[index], 20) for index in shown])
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(f"{drawn(challenge.name)}: {title}", fontsize=11)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150)
    write_atomic(path, picture.getvalue())


def _strip(images: np.ndarray) -> np.ndarray:
    """Return images [n, H, W, 3] side by side, [H+1, SAMPLES*(W+1), 3]."""
    _, height, width, _ = images.shape
    strip = np.ones((height + 1, SAMPLES * (width + 1), 3), np.float32)
    for place, image in enumerate(images):
        left = place * (width + 1)
        strip[:height, left : left + width] = image
    return strip


def _samples(challenge: Challenge, index: int) -> np.ndarray:
    """Return images of one class, [n, H, W, 3] between 0 and 1."""
    members = np.flatnonzero(challenge.labels == index)
    count = min(SAMPLES, len(members))
    return visible(
        challenge.train, members[np.linspace(0, len(members) - 1, count).round().astype(int)]
    )


def _changes(recipe: Recipe) -> list[Augmentation]:
    """Return the augmentations of a recipe's members. Raises UserError where there is none."""
    changes = [table for table in tables_in(recipe) if isinstance(table, Augmentation)]
    if not changes:
        raise UserError(f"recipe {recipe.name!r} has no [members.augmentation]: nothing to show.")
    return changes


def _seen(
    challenge: Challenge, index: int, scaling: Scaling, changes: list[Augmentation]
) -> np.ndarray:
    """Return an image of one class, then changed copies, [SAMPLES, H, W, 3] between 0 and 1."""
    row = np.flatnonzero(challenge.labels == index)[:1]
    image = scaling(challenge.train[row])
    copies = [
        changes[place % len(changes)](image, seed=index, step=place) for place in range(SAMPLES - 1)
    ]
    images = np.concatenate([image, *copies])
    least, most = _range(scaling(challenge.train[:: max(1, len(challenge.train) // 500)]))
    return _grey_or_colour((images - least) / (most - least))


def visible(train: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return images as [n, H, W, 3] between 0 and 1: dark where the training values are least."""
    least, most = _range(train[:: max(1, len(train) // 500)])
    return _grey_or_colour((train[chosen] - least).transpose(0, 2, 3, 1) / (most - least))


def _range(sample: np.ndarray) -> tuple[float, float]:
    """Return the ends of a sample's values.

    The extreme thousandth at either end is cut, since one wild pixel would make the rest grey.
    """
    least, most = np.nanquantile(sample, [0.001, 0.999])
    return least, max(most, least + 1e-12)


def _grey_or_colour(images: np.ndarray) -> np.ndarray:
    """Return images [n, H, W, C] as [n, H, W, 3] between 0 and 1."""
    images = np.nan_to_num(images).clip(0, 1)
    if images.shape[3] != 3:
        images = images.mean(axis=3, keepdims=True).repeat(3, axis=3)
    return images
