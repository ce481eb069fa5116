"""Detection: R-CNN and SPP-net, the same layers on the same windows, and what sharing saves.

Where there are several classes the network first learns to classify the objects, then
its last layer is replaced. It learns what windows of selective search are, background or a class
(Girshick et al. 2014), together with a correction of the box (as Girshick 2015, but one for all
classes); its probabilities rank the windows, or linear support vector machines on its hidden layer
do. SPP-net runs its convolutions once an image, at one scale or five (He et al. 2014), R-CNN once a
window. On scenes made by rule, or with --data on a pedestrians.npz or a folder of PNGs with its
boxes.csv, in five folds.
"""

import time
from dataclasses import asdict, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.detection.boxes import enlarge
from rosenblatt.detection.detector import GREY, SPREAD, Design, Example, example, networks, trained
from rosenblatt.detection.precision import Detections, average_precision, precision_recall
from rosenblatt.detection.proposals import detect, probabilities
from rosenblatt.detection.reading import read_photographs
from rosenblatt.detection.region_machines import RegionMachines, overlaps_by_class
from rosenblatt.detection.region_network import RegionNetwork, at_scales, one_by_one, without_end
from rosenblatt.detection.scenes import CLASSES, Scene, make_scene
from rosenblatt.features.resize import resize
from rosenblatt.gallery.runner import FOLDS, Settings, check_count, in_words, kept, means, split
from rosenblatt.gallery.windows import rectangle
from rosenblatt.report.labels import name_points
from rosenblatt.report.style import BLUE, ORANGE, bare, few_shades, figure
from rosenblatt.train.fit_results import Result

WAYS = {"SPP-net": True, "R-CNN": False}  # are the convolutions shared by an image's windows?
DRAWN = 4  # scenes
MINED = 400  # windows of a scene, for the machines; selective search has put them in random order
PAPER = {"one": 102, "five": 38}  # He et al. 2014, table 10: times faster in the convolutions
PAPER_WHITE = {"facecolor": "white", "alpha": 0.8, "pad": 0.3, "linewidth": 0}
Found = list[list[Detections]]  # of each scene, of each class


def describe(
    network: RegionNetwork, one: Example, boxes: np.ndarray, sides: tuple[int, ...], design: Design
) -> np.ndarray:
    """Return the hidden layer for boxes [M, 4]: at the scales of `sides`, or (none) one by one.

    Either way a box is seen with as much around it.
    """
    body, image = without_end(network), one.scene.image - GREY
    if sides:
        around = enlarge(boxes, design.around, image.shape[:2])
        return at_scales(body, image, around, sides, design.seen)
    return one_by_one(body, image, boxes, design.side, design.context)


def machines(
    network: RegionNetwork, known: list[Example], classes: int, sides: tuple[int, ...],
    design: Design,
) -> RegionMachines:  # fmt: skip
    """Return machines that learned the true boxes and MINED windows of each scene at the most."""
    described, shared = [], []
    for one in known:
        boxes = np.concatenate([one.scene.boxes, one.asked[:MINED]])
        described.append(describe(network, one, boxes, sides, design))
        truth = one.scene.boxes, one.scene.labels
        shared.append(overlaps_by_class(boxes, *truth, classes))
    return RegionMachines().fit(described, shared)


def find(
    network: RegionNetwork, ranks: RegionMachines, one: Example, sides: tuple[int, ...],
    design: Design,
) -> dict[str, list[Detections]]:  # fmt: skip
    """Return what is found of each class in a scene: by probability, without correction, by SVM."""
    described = describe(network, one, one.asked, sides, design)
    outputs = network.head.layers[-1](described)  # type: ignore[attr-defined]
    scores, steps = probabilities(outputs[:, :-4]), outputs[:, -4:] / SPREAD
    size = one.scene.image.shape[:2]
    return {
        "softmax": detect(one.asked, scores, steps, size),
        "softmax, boxes as proposed": detect(one.asked, scores, None, size),
        "linear SVM": detect(one.asked, ranks.scores(described), steps, size),
    }


def mean_precision(found: Found, examples: list[Example], points: bool = False) -> float:
    """Return the mean over classes of the average precision at an overlap of 0.5."""
    values = []
    for label in range(len(found[0])):
        truth = [one.scene.boxes[one.scene.labels == label] for one in examples]
        if sum(map(len, truth)):
            curve = precision_recall([classes[label] for classes in found], truth)
            values.append(average_precision(curve, points))
    return round(float(np.mean(values)), 4)


def learn(known: list[Example], asked: list[Example], shared: bool, design: Design) -> Result:
    """Return the figures of one way on one fold, and what was found in the first scenes."""
    start = time.process_time()
    # A class that is asked about alone counts too, though nothing of it was learned.
    classes = 1 + max(int(one.scene.labels.max()) for one in known + asked)
    network = trained(known, classes, design, shared)
    facts: dict[str, Any] = {}
    scales = {"one scale": design.sides[2:3], "five scales": design.sides}
    for scale, sides in (scales if shared else {"warped": ()}).items():
        ranks = machines(network, known, classes, sides, design)
        found = [find(network, ranks, one, sides, design) for one in asked]
        for name in found[0]:
            facts[f"{name}, {scale}"] = mean_precision([one[name] for one in found], asked)
        softmax = [one["softmax"] for one in found]
        facts[f"softmax, {scale}, eleven points"] = mean_precision(softmax, asked, True)
    rows = [
        [n, label, score, *box]
        for n, one in enumerate(found[:DRAWN])
        for label, detections in enumerate(one["softmax"])
        for box, score in zip(detections.boxes, detections.scores, strict=True)
        if score > 0.5
    ]
    facts["cpu_seconds"] = round(time.process_time() - start, 1)
    return Result({"found": np.array(rows).reshape(-1, 7)}, facts)


def convolution_times(scene: Scene, design: Design) -> dict[str, Any]:
    """Return seconds of the convolutions for an image at one scale and five, and for 2000 windows.

    Of the windows 100 are run, and the time multiplied.
    """
    _, network = networks(1, design)
    images = {side: resize(scene.image[None], (side, side)) for side in design.sides}
    some = np.random.default_rng(0).random((100, design.side, design.side, 3)).astype(np.float32)
    times = {side: seconds(network, image) for side, image in images.items()}
    each = seconds(network, some) * 2000 / len(some)
    one, five = times[design.sides[2]], sum(times.values())
    return {
        "one_scale": round(one, 5), "five_scales": round(five, 5), "windows": round(each, 4),
        "ratio": {"one": round(each / one, 1), "five": round(each / five, 1)}, "paper": PAPER,
    }  # fmt: skip


def seconds(network: RegionNetwork, images: np.ndarray) -> float:
    """Return the least CPU time of three runs of the convolutions."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        network.trunk(images)
        spent.append(time.process_time() - start)
    return min(spent)


class Plan(NamedTuple):
    """Scenes and their classes' names, the most windows of each scene, the design, the folds."""

    scenes: list[Scene]
    classes: tuple[str, ...]
    most: int
    design: Design
    folds: int


def plan(settings: Settings) -> Plan:
    """Return what is to be done. Raises UserError as the reader, and where scenes are too few."""
    if settings.data:
        design = Design(
            levels=(1, 2, 3, 6), filters=(16, 32, 64), sides=(96, 128, 160, 192, 240), seen=84,
            hidden=128, pretraining=0,
        )  # fmt: skip
        whole = Plan(*read_photographs(settings.data), 1500, design, FOLDS)
    else:
        count = 10 if settings.quick else 1000
        made = [make_scene(np.random.default_rng(seed)) for seed in range(count)]
        whole = Plan(made, CLASSES, 500, Design(), 1)
    if settings.quick:
        design = replace(whole.design, pretraining=5, steps=5, measured=2)
        whole = Plan(whole.scenes[:10], whole.classes, 100, design, 1)
    check_count(settings, len(whole.scenes), whole.folds)
    return whole


def run(settings: Settings) -> dict[str, Any]:
    scenes, names, most, design, folds = plan(settings)
    examples = [example(scene, most, seed) for seed, scene in enumerate(scenes)]
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS}
    for fold in range(folds):
        known, asked = split(examples, fold)
        for name, shared in WAYS.items():
            facts = fold, name, most, len(scenes), asdict(design)
            result = kept(settings, facts, partial(learn, known, asked, shared, design))
            results[name].append(result.facts)
            settings.say(f"fold {fold + 1}, {name}: {in_words(result.facts)}")
            if name == "SPP-net" and fold == 0:
                draw(asked, result.arrays["found"], names, settings)
    average = {name: dict(means(rows)) for name, rows in results.items()}
    spent = sum(row["cpu_seconds"] for rows in results.values() for row in rows)
    gap = average["SPP-net"]["softmax, one scale"] - average["R-CNN"]["softmax, warped"]
    return {
        "scenes": len(known), "test_scenes": len(asked), "folds": folds, "windows": most,
        "design": asdict(design), "mean_average_precision": average,
        "points_of_spp_over_rcnn": round(100 * gap, 2),
        "convolution_seconds_of_2000_windows": convolution_times(scenes[0], design),
        "by_fold": results, "training": {"cpu_seconds": round(spent, 1)},
    }  # fmt: skip


def draw(
    examples: list[Example], found: np.ndarray, names: tuple[str, ...], settings: Settings
) -> None:
    """Draw scenes with true boxes, and what was found with a probability above a half."""
    with figure(settings.picture, 15, 4.6) as drawing:
        shown, named = examples[:DRAWN], []
        panels = drawing.subplots(1, len(shown), squeeze=False)[0]
        for number, (axes, one) in enumerate(zip(panels, shown, strict=True)):
            bare(axes)
            axes.imshow(few_shades(one.scene.image))
            for box in one.scene.boxes:
                rectangle(axes, box, BLUE)
            labels = []
            for _, label, score, *box in found[found[:, 0] == number]:
                rectangle(axes, box, ORANGE)
                name = f"{names[int(label)]} " if len(names) > 1 else ""
                labels.append((box[1], box[0], f"{name}{score:.2f}", ORANGE))
            named.append((axes, labels))
        sort = "" if len(names) > 1 else f" {names[0]}s"
        drawing.suptitle(f"true{sort} (blue), and with their probability those that SPP-net found "
                         "at five scales (orange)", fontsize=8)  # fmt: skip
        for axes, labels in named:  # where all stands
            name_points(axes, labels, fontsize=5, bbox=PAPER_WHITE)
