"""What a unit has learned to see: the patches of a data set to which it responds most."""

from typing import NamedTuple

import numpy as np

from rosenblatt.arrays import check_images, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.layers import Dense, GlobalAverage, Module
from rosenblatt.ranges import Kind, Whole, check_value
from rosenblatt.visualise.field import Field, receptive_field
from rosenblatt.visualise.inside import UNIT, Unit, blank, check_unit, recorded, responses


class Patch(NamedTuple):
    """A patch [h, w, C] of image number `image`, where it lies, and the unit's response to it."""

    image: int
    field: Field
    response: float
    pixels: np.ndarray


def top_patches(network: Module, images: np.ndarray, unit: Unit, count: int) -> list[Patch]:
    """Return the patches of images [N, H, W, C] with the largest responses, one an image.

    A patch is the unit's receptive field; what of it lies outside of the image is 0
    (Zeiler & Fergus 2014, figure 2; Girshick et al. 2014, section 3.1). Raises UserError as
    responses, or where there is no such channel.
    """
    images = check_images(images)
    check_value("count", count, Whole(1, 1_000_000))
    check_value("unit", unit, UNIT)
    outputs = responses(network, images, unit.layer)
    check_unit(unit, outputs.shape[-1])
    maps = outputs[..., unit.channel].reshape(len(images), -1)
    best = maps.argmax(1)
    strongest = maps[np.arange(len(images)), best]
    patches = []
    for n in np.argsort(-strongest, kind="stable")[:count]:
        sides = outputs.shape[1:-1]
        place = tuple(int(i) for i in np.unravel_index(best[n], sides)) if sides else ()
        field = receptive_field(network, images.shape[1:], unit.layer, place)
        pixels = cut(images[n], field)
        patches.append(Patch(int(n), field, float(strongest[n]), pixels))
    return patches


def cut(image: np.ndarray, field: Field) -> np.ndarray:
    """Return the pixels of a field of image [H, W, C], zeros outside of the image.

    Raises UserError as check_numbers.
    """
    image = check_numbers(image, "H W C", "image")
    check_value("field", field, Kind(Field, "a Field"))
    H, W, C = image.shape
    out = np.zeros((*field.size, C), image.dtype)
    top, left = max(0, field.top), max(0, field.left)
    inside = image[top : min(H, field.bottom), left : min(W, field.right)]
    y, x = top - field.top, left - field.left
    out[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return out


def class_weights(network: Module, shape: tuple[int, ...], label: int) -> tuple[int, np.ndarray]:
    """Return the number of the last map [H, W, C], and its units' weights for a class, [H, W, C].

    shape is that of the images. Raises UserError where more than one dense layer reads the map, or
    there is no such class.
    """
    with recorded(network, blank(shape)) as (tape, _):
        maps = [n for n, run in enumerate(tape.nodes) if run.output.value.ndim == 4]
        if not maps:
            raise UserError("the network has no map: its layers are all dense.")
        number = maps[-1]
        *between, last = (run.layer for run in tape.nodes[number + 1 :])
        if not isinstance(last, Dense) or any(isinstance(one, Dense) for one in between):
            raise UserError("more than one dense layer computes the classes from the last map.")
        H, W, C = tape.nodes[number].output.value.shape[1:]
    check_value("label", label, Whole(0, last.weight.value.shape[1] - 1))
    weight = last.weight.value[:, label]
    if any(isinstance(one, GlobalAverage) for one in between):
        weight = np.broadcast_to(weight / weight.dtype.type(H * W), (H, W, C))
    return number, weight.reshape(H, W, C)


def class_regions(network: Module, images: np.ndarray, label: int, count: int) -> list[Patch]:
    """Return the regions that add most to the score of class number `label`, one an image.

    Of the last map's units with a positive weight for the class, that of the largest response times
    weight counts in each of images [N, H, W, C]; the product is the patch's response. By response
    alone, units of hardly any weight win (compare Girshick et al. 2014, section 3.1). Raises
    UserError as class_weights and responses.
    """
    images = check_images(images)
    check_value("count", count, Whole(1, 1_000_000))
    number, weight = class_weights(network, images.shape[1:], label)
    maps = np.where(weight > 0, weight * responses(network, images, number), -np.inf)
    shape, flat = maps.shape[1:], maps.reshape(len(images), -1)
    best = flat.argmax(1)
    strongest = flat[np.arange(len(images)), best]
    patches = []
    for n in np.argsort(-strongest, kind="stable")[:count]:
        y, x, _ = np.unravel_index(best[n], shape)
        field = receptive_field(network, images.shape[1:], number, (int(y), int(x)))
        patches.append(Patch(int(n), field, float(strongest[n]), cut(images[n], field)))
    return patches
