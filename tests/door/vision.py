"""The doors of detection and visualise, with arguments that fit."""

from collections.abc import Iterator

import numpy as np

from rosenblatt.detection import (
    boxes,
    detector,
    graph_segmentation,
    precision,
    proposals,
    region_machines,
    region_network,
    scenes,
    segmenter,
    selective_search,
    windows,
)
from rosenblatt.layers import Convolution, Dense, Flatten, MaxPooling
from rosenblatt.train import Network
from rosenblatt.visualise import field, inside, occlusion, reconstruct, unfold
from rosenblatt.visualise import top_patches as looked
from tests.door.values import Door, kept, rng

R = np.random.default_rng(4)
X = (R.random((12, 4)) - 0.5).astype(np.float32)
NEW = (R.random((5, 4)) - 0.5).astype(np.float32)
IMAGES = R.random((6, 8, 9, 1)).astype(np.float32)
IMAGE = R.random((12, 14, 3)).astype(np.float32)
BOXES = np.array([[0.0, 0, 4, 4], [1, 1, 5, 6], [2, 3, 9, 9]])
TRUTH = np.array([[0.0, 1, 5, 5], [3, 3, 9, 9]])
SCORES = np.array([0.5, -1.0, 2.0])
CLASSES = np.array([0, 2])


def of_boxes() -> Iterator[tuple[str, list[Door]]]:
    many = {"boxes": BOXES, "size": (12, 14)}
    yield "detection.boxes:area", [Door(boxes.area, {"boxes": BOXES})]
    yield "detection.boxes:overlap", [Door(boxes.overlap, {"first": BOXES, "second": TRUTH})]
    yield (
        "detection.boxes:non_maximum_suppression",
        [
            Door(
                boxes.non_maximum_suppression,
                {"boxes": BOXES, "scores": SCORES, "threshold": 0.3},
                ("scores",),
            )
        ],
    )
    yield "detection.boxes:clip", [Door(boxes.clip, many)]
    yield "detection.boxes:enlarge", [Door(boxes.enlarge, many | {"share": 0.5})]
    yield (
        "detection.boxes:corrections",
        [Door(boxes.corrections, {"boxes": BOXES[:2], "truth": TRUTH})],
    )
    yield (
        "detection.boxes:correct",
        [Door(boxes.correct, {"boxes": BOXES, "steps": np.full((3, 4), 0.1)})],
    )


def detection() -> Iterator[tuple[str, list[Door]]]:
    many = {"boxes": BOXES, "size": (12, 14)}
    found = [precision.Detections(BOXES, SCORES)]
    curve = precision.precision_recall(found, [TRUTH])
    yield (
        "detection.precision:precision_recall",
        [Door(precision.precision_recall, {"found": found, "truth": [TRUTH], "threshold": 0.5})],
    )
    yield (
        "detection.precision:average_precision",
        [Door(precision.average_precision, {"curve": curve, "points": True})],
    )
    yield (
        "detection.precision:coverage",
        [Door(precision.coverage, {"windows": [BOXES], "truth": [TRUTH], "threshold": 0.5})],
    )
    named = {"boxes": BOXES, "truth": TRUTH, "classes": CLASSES}
    yield (
        "detection.proposals:assign_targets",
        [Door(proposals.assign_targets, named | {"foreground": 0.5, "background": 0.4})],
    )
    yield (
        "detection.proposals:choose",
        [
            Door(
                proposals.choose,
                {"labels": np.array([0, 1, -1]), "count": 4, "rng": rng(), "share": 0.25},
            )
        ],
    )
    two = np.stack([SCORES, -SCORES], 1)
    yield (
        "detection.proposals:detect",
        [
            Door(
                proposals.detect,
                many | {"scores": two, "steps": np.zeros((3, 4)), "threshold": 0.3},
                ("scores", "steps"),
            )
        ],
    )
    yield "detection.proposals:probabilities", [Door(proposals.probabilities, {"logits": X})]
    described = {"described": [X[:3], X[3:6]], "shared": [np.eye(3, 2), np.eye(3, 2)]}
    machines = region_machines.RegionMachines().fit(*described.values())
    yield (
        "detection.region_machines:RegionMachines",
        [
            Door(region_machines.RegionMachines().fit, described),
            Door(machines.scores, {"described": NEW}),
        ],
    )
    yield (
        "detection.region_machines:overlaps_by_class",
        [
            Door(
                region_machines.overlaps_by_class,
                {"windows": BOXES, "truth": TRUTH, "labels": CLASSES, "classes": 3},
            )
        ],
    )
    yield "detection.region_network:fractions", [Door(region_network.fractions, many, ("boxes",))]
    yield (
        "detection.region_network:warp",
        [Door(region_network.warp, {"image": IMAGE, "boxes": BOXES, "side": 6, "context": 1})],
    )
    yield "detection.scenes:boxes_of", [Door(scenes.boxes_of, {"instance": np.eye(3, dtype=int)})]
    yield (
        "detection.scenes:make_scene",
        [Door(scenes.make_scene, {"rng": rng(), "side": 24, "most": 2})],
    )
    yield (
        "detection.graph_segmentation:smooth",
        [Door(graph_segmentation.smooth, {"image": IMAGE, "sigma": 1.0})],
    )
    yield (
        "detection.graph_segmentation:segment",
        [
            Door(
                graph_segmentation.segment, {"image": IMAGE, "scale": 0.5, "sigma": 0.8, "least": 5}
            )
        ],
    )
    for name in ("hue_saturation_value", "opponent"):
        yield (
            f"detection.selective_search:{name}",
            [Door(getattr(selective_search, name), {"image": IMAGE})],
        )
    yield (
        "detection.selective_search:texture",
        [Door(selective_search.texture, {"grey": IMAGE[..., 0]})],
    )
    yield (
        "detection.selective_search:selective_search",
        [Door(selective_search.selective_search, {"image": IMAGE, "rng": rng(), "most": 9})],
    )
    scores = IMAGE[..., 0] - 0.5
    yield "detection.windows:table_of_sums", [Door(windows.table_of_sums, {"scores": scores})]
    yield (
        "detection.windows:sliding_windows",
        [Door(windows.sliding_windows, {"size": (8, 9), "sides": [(2, 3)], "stride": 2})],
    )
    yield "detection.windows:exhaustive", [Door(windows.exhaustive, {"scores": scores})]
    yield "detection.windows:branch_and_bound", [Door(windows.branch_and_bound, {"scores": scores})]


def learning() -> Iterator[tuple[str, list[Door]]]:
    """The networks that learn windows and pixels, as small as they can be."""
    scenes_made = [scenes.make_scene(rng(), 32, 2)]
    small = detector.Design(
        side=8, context=1, levels=(1, 2), filters=(2, 2), hidden=3, images=2, windows=6,
        sides=(16, 24, 32, 40, 48), seen=12, pretraining=1, steps=1, measured=1,
    )  # fmt: skip
    one = detector.example(scenes_made[0], 9, 1)
    some = {"examples": [one], "design": small, "shared": True}
    outputs, targets = R.random((2, 3, 8)), np.zeros((2, 3, 5), np.float32)
    targets[..., 0] = 1
    calls = {
        "example": (detector.example, {"scene": scenes_made[0], "most": 9, "seed": 1}),
        "networks": (
            lambda **given: len(detector.networks(**given)), {"classes": 3, "design": small}),
        "loss": (kept(detector.loss), {"output": outputs, "targets": targets}),
        "classify": (kept(detector.classify), {"output": outputs, "targets": targets}),
        "draw_windows": (detector.draw_windows, {
            "one": one, "among": one.labels, "side": 32, "design": small, "rng": rng()}),
        "drawing": (lambda **given: callable(detector.drawing(**given)), some | {
            "only_foreground": False}),
        "trained": (lambda **given: len(detector.trained(**given).state()), some | {"classes": 3}),
    }  # fmt: skip
    for name, (call, arguments) in calls.items():
        yield f"detection.detector:{name}", [Door(call, arguments, ("output",))]
    design = segmenter.Design(side=32, seen=32, filters=(2,) * 5, epochs=(1, 1, 1), images=1,
                              patch=14, patch_steps=1)  # fmt: skip
    data = segmenter.pixels(scenes_made, 32)
    network = segmenter.fully_convolutional(data, 4, design, 32)
    field_of_pixels = segmenter.MeanField(1, reach=1)
    field_of_pixels.build(((32, 32, 3), (32, 32, 3)), rng())
    kinds = {"data": data, "classes": 4, "design": design}
    calls = {
        "pixels": (segmenter.pixels, {"scenes": scenes_made, "side": 32}),
        "check_pixels": (segmenter.check_pixels, {"data": data}),
        "varied": (segmenter.varied, {
            "image": data.images[0], "truth": data.truth[0], "rng": rng()}),
        "train": (lambda **given: segmenter.train(
            segmenter.fully_convolutional(data, 4, design, 32), **given), {
            "data": data, "epochs": 1, "batch": 1, "rate": 0.01, "weight": 1.5}),
        "logits": (lambda **given: segmenter.logits(network, **given), {
            "images": data.images, "side": 32}),
        "refined": (segmenter.refined, {
            "field": field_of_pixels, "scores": data.images,
            "images": data.images}),
        "overlaps": (segmenter.overlaps, {"scores": R.random((1, 4, 4, 3)),
                                          "truth": np.zeros((1, 4, 4), int)}),
        "fully_convolutional": (lambda **given: len(segmenter.fully_convolutional(**given).state()),
                                kinds | {"stride": 16, "learned": True}),
        "chain": (lambda **given: len(segmenter.chain(**given)), kinds | {"learned": True}),
        "patch_layers": (lambda **given: len(segmenter.patch_layers(**given)), {
            "classes": 4, "design": design}),
        "patch_wise": (lambda **given: len(segmenter.patch_wise(**given)), kinds),
    }  # fmt: skip
    for name, (call, arguments) in calls.items():
        yield f"detection.segmenter:{name}", [Door(call, arguments, ("scores", "truth"))]
    layers = segmenter.patch_wise(**kinds)
    yield (
        "detection.segmenter:patch_logits",
        [Door(segmenter.patch_logits, {"layers": layers, "images": data.images, "design": design},
              ("layers",))],
    )  # fmt: skip


def visualise() -> Iterator[tuple[str, list[Door]]]:
    network = Network(
        [Convolution(2, 3, activation="relu"), MaxPooling(2), Flatten(), Dense(3)], (8, 9, 1)
    )
    unit, seen = inside.Unit(0, 1), {"network": network, "images": IMAGES}
    shape = {"network": network, "shape": (8, 9, 1)}
    yield (
        "visualise.field:receptive_field",
        [Door(field.receptive_field, shape | {"layer": 1, "place": (0, 1)}, ("place", "shape"))],
    )
    yield "visualise.inside:responses", [Door(inside.responses, seen | {"layer": 1, "batch": 4})]
    yield (
        "visualise.inside:layer_numbers",
        [Door(inside.layer_numbers, shape | {"kind": Dense}, ("kind", "shape"))],
    )
    cover = {"image": IMAGES[0], "label": 1, "side": 3, "stride": 4, "cover": 0.5}
    yield (
        "visualise.occlusion:occlusion_map",
        [Door(occlusion.occlusion_map, {"network": network} | cover)],
    )
    yield (
        "visualise.top_patches:top_patches",
        [Door(looked.top_patches, seen | {"unit": unit, "count": 2})],
    )
    yield (
        "visualise.top_patches:cut",
        [Door(looked.cut, {"image": IMAGES[0], "field": field.Field(-1, 0, 4, 5)})],
    )
    yield (
        "visualise.top_patches:class_weights",
        [Door(looked.class_weights, shape | {"label": 1}, ("shape",))],
    )
    yield (
        "visualise.top_patches:class_regions",
        [Door(looked.class_regions, seen | {"label": 1, "count": 2})],
    )
    yield (
        "visualise.reconstruct:reconstruct",
        [Door(reconstruct.reconstruct, seen | {"unit": unit, "method": "guided"})],
    )
    yield "visualise.reconstruct:contrast", [Door(reconstruct.contrast, {"picture": IMAGES[0]})]
    yield "visualise.unfold:unfold", [Door(unfold.unfold, {"network": Dense(2), "steps": 3})]
