"""Images with boxes from files: a folder of PNGs and its boxes.csv, or the pedestrians' npz."""

from pathlib import Path
from typing import NamedTuple
from zipfile import is_zipfile

import numpy as np

from rosenblatt.data.archive import REFUSED
from rosenblatt.data.rows import read_rows
from rosenblatt.data.text import check_file
from rosenblatt.detection.boxes import check_boxes
from rosenblatt.detection.scenes import Scene, boxes_of
from rosenblatt.detection.selective_search import LEAST_SIDE
from rosenblatt.errors import UserError

COLUMNS = ("image", "top", "left", "bottom", "right", "class")


class Photographs(NamedTuple):
    """Scenes, and the names of the classes that their labels count."""

    scenes: list[Scene]
    classes: tuple[str, ...]


def read_photographs(path: Path | str) -> Photographs:
    """Return the photographs of a folder of PNGs with its boxes.csv, or of a pedestrians.npz.

    Raises UserError as read_scenes and read_pedestrians.
    """
    if Path(path).is_dir():
        return read_scenes(path)
    return Photographs(read_pedestrians(path), ("pedestrian",))


def read_pedestrians(path: Path | str) -> list[Scene]:
    """Return the photographs of a pedestrians.npz, each with its pedestrians, of class 0.

    Raises UserError: not there, damaged, of other arrays, shapes or dtypes, a photograph that is
    larger than its array, smaller than a window, or without a pedestrian.
    """
    check_file(Path(path))
    if not is_zipfile(path):
        raise UserError(f"{path}: is not an npz of image, instance and size, or is damaged.")
    try:
        with np.load(path, allow_pickle=False) as archive:
            images, instances, sizes = (
                np.asarray(archive[key]) for key in ("image", "instance", "size")
            )
    except REFUSED as error:
        raise UserError(
            f"{path}: not readable as pedestrians (an npz of image, instance and size): {error}"
        ) from None
    N, H, W = instances.shape if instances.ndim == 3 else (0, 0, 0)
    if not N or images.shape != (N, H, W, 3) or sizes.shape != (N, 2):
        raise UserError(
            f"{path}: the shapes image {images.shape}, instance {instances.shape} and size "
            f"{sizes.shape} do not fit each other: [N, H, W, 3], [N, H, W] and [N, 2] do."
        )
    if images.dtype != np.uint8 or instances.dtype.kind != "u" or sizes.dtype.kind not in "ui":
        raise UserError(
            f"{path}: image must be uint8 (0 to 255), instance unsigned and size whole numbers, "
            f"not {images.dtype}, {instances.dtype} and {sizes.dtype}."
        )
    scenes = []
    for n, (rows, columns) in enumerate(sizes):
        if not (1 <= rows <= H and 1 <= columns <= W):
            raise UserError(
                f"{path}: photograph {n + 1} has {rows} x {columns} pixels, its array {H} x {W}."
            )
        _check_size(f"{path}: photograph {n + 1}", (rows, columns))
        image = images[n, :rows, :columns].astype(np.float32) / np.float32(255)
        instance = _in_order(instances[n, :rows, :columns])
        boxes = boxes_of(instance)
        if not len(boxes):
            raise UserError(f"{path}: photograph {n + 1} has no pedestrian at all.")
        scenes.append(Scene(image, boxes, np.zeros(len(boxes), np.int64), instance))
    return scenes


def _in_order(instance: np.ndarray) -> np.ndarray:
    """Return the numbers of objects without gaps, as boxes and labels are in; 0 stays 0."""
    return np.searchsorted(np.unique(instance[instance > 0]), instance, side="right")


def read_png(path: Path | str) -> np.ndarray:
    """Return a PNG as RGB, [H, W, 3] float32 in 0..1. Raises UserError: not there, not a PNG."""
    from matplotlib.image import imread

    if not Path(path).is_file():
        raise UserError(f"{path}: no such file.")
    try:
        pixels = imread(path, format="png")
    except (OSError, ValueError, SyntaxError, EOFError, TypeError) as error:
        raise UserError(f"{path}: not readable as a PNG, perhaps damaged: {error}") from None
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[2] == 2:  # grey and transparency
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    scale = np.float32(1 / np.iinfo(pixels.dtype).max) if pixels.dtype.kind == "u" else 1
    return np.ascontiguousarray(pixels[..., :3] * scale, np.float32)


def read_scenes(folder: Path | str) -> Photographs:
    """Return the PNGs of a folder with the objects that its boxes.csv lists; classes are sorted.

    boxes.csv has the columns image, top, left, bottom, right, class; rows and columns of pixels
    count from 0, the end is not included. Raises UserError: a file, column, number or box that
    cannot be, an object without a class, an image smaller than a window, and no box at all.
    """
    file = Path(folder) / "boxes.csv"
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in read_rows(file)]
    if tuple(lines[0][1]) != COLUMNS:
        raise UserError(f"{file}: row 1: the columns must be {', '.join(COLUMNS)}.")
    objects: dict[str, list[tuple[list[float], str]]] = {}
    for number, cells in lines[1:]:
        place = f"{file}: row {number}"
        if len(cells) != len(COLUMNS):
            raise UserError(f"{place}: {len(cells)} cells, {len(COLUMNS)} expected.")
        try:
            box = [float(cell) for cell in cells[1:5]]
        except ValueError as error:
            raise UserError(f"{place}: {error}") from None
        if not cells[5]:
            raise UserError(f"{place}: the object has no class; name one.")
        objects.setdefault(cells[0], []).append((box, cells[5]))
    if not objects:
        raise UserError(f"{file}: no box at all; there is nothing to learn from.")
    classes = tuple(sorted({name for found in objects.values() for _, name in found}))
    scenes = [_scene(Path(folder) / name, found, classes) for name, found in objects.items()]
    return Photographs(scenes, classes)


def _scene(path: Path, objects: list[tuple[list[float], str]], classes: tuple[str, ...]) -> Scene:
    image = read_png(path)
    _check_size(str(path), image.shape[:2])
    boxes = check_boxes(np.array([box for box, _ in objects]), image.shape[:2], str(path))
    return Scene(image, boxes, np.array([classes.index(name) for _, name in objects]), None)


def _check_size(name: str, size: tuple[int, ...]) -> None:
    if min(size) < LEAST_SIDE:
        raise UserError(
            f"{name} has {size[0]} x {size[1]} pixels; no window is smaller than {LEAST_SIDE} x "
            f"{LEAST_SIDE}: enlarge it or leave it out."
        )
