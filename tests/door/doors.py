"""Every public entry of classic, features, detection, visualise, folds, with arguments that fit.

A name is of the form classic.svm:SVM. What is public and stands neither in `doors()` nor in INSIDE
makes tests/door/test_estimators.py fail: a new entry is listed here, and so tried.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from rosenblatt import classic
from rosenblatt.classic import calibration, logistic, multiple_kernels
from rosenblatt.data import folds
from rosenblatt.features import (
    alignment,
    association,
    augmentation,
    centring,
    ckn,
    combination,
    fisher,
    gram,
    hidden_markov,
    histograms,
    hog,
    kmeans,
    patches,
    resize,
    scaling,
    scattering,
    sequences,
    sift,
    strings,
    virtual,
    whitening,
)
from rosenblatt.kinds import Kinded
from rosenblatt.metrics import METRICS, confusion_matrix, curves
from tests.door.values import Door, rng
from tests.door.vision import detection, learning, of_boxes, visualise

PACKAGES = ("classic", "features", "detection", "visualise", "data.folds", "metrics")
# What only our own modules call, what checks, what is abstract, and what holds results.
INSIDE = {
    "classic.base", "classic.cholesky", "classic.frames", "classic.eigen", "classic.inputs",
    "classic.lbfgs", "classic.mistakes", "classic.row_cache", "classic.dual", "classic.linear",
    "classic.store", "classic.rounds", "classic.binned", "classic.boosting:BoostedTrees",
    "classic.units",
    "classic.forest:Forest", "visualise.importance",
    "detection.reading", "detection.detector:Design", "detection.detector:Example",
    "detection.detector:Windows", "detection.segmenter:Design", "detection.segmenter:Pixels",
    "detection.segmenter:Varied", "detection.segmenter:copied", "detection.segmenter:with_field",
    "detection.scenes:check_scene", "features.pieces", "features.stored",
    "features.gram:Kernel", "features.gram:assemble", "features.gram:products",
    "features.gram:finite", "features.gram:product", "features.gram:check_both",
    "features.gram:column_means", "features.ckn:LayerShape", "features.ckn:check_layers",
    "features.combination:check_grams", "features.patches:check_side",
    "features.patches:check_grid", "features.resize:interpolation", "features.scattering:filters",
    "features.sequences:check_letters", "features.sequences:reverse_complement",
    "detection.boxes:as_boxes", "detection.boxes:as_scores", "detection.boxes:check_boxes",
    "detection.precision:Detections", "detection.precision:Curve", "detection.proposals:Targets",
    "detection.region_network:RegionNetwork", "detection.region_network:one_by_one",
    "detection.region_network:at_once", "detection.region_network:at_scales",
    "detection.region_network:without_end", "detection.scenes:Scene",
    "detection.selective_search:Hierarchy", "detection.selective_search:check_rgb",
    "detection.selective_search:unchanged", "detection.windows:Best", "visualise.field:Field",
    "visualise.field:outline", "visualise.field:seen_by", "visualise.inside:Unit",
    "visualise.inside:still", "visualise.inside:recorded", "visualise.inside:node",
    "visualise.inside:blank", "visualise.inside:check_unit", "visualise.inside:is_rectified",
    "visualise.inside:first_filters", "visualise.top_patches:Patch", "visualise.unfold:Graph",
    "visualise.unfold:draw", "data.folds:check_folds", "metrics.base", "metrics.decisions",
    "metrics.curves:Curve", "metrics.curves:Calibration", "metrics.curves:ClassScores",
    "metrics.scores:by_score",
    "features.terms:Comparison", "features.terms:as_it_is", "features.terms:compared",
    "features.terms:form", "features.terms:Root", "features.terms:AsItIs", "features.terms:Chain",
    "features.fisher:FisherVectors", "classic.standardisation:Transformed",
    "features.virtual:Variants", "features.whitening:MeanSum",
}  # fmt: skip


def public_names() -> Iterator[str]:
    """Yield the public classes and functions of all packages, by the module that defines them."""
    for package in PACKAGES:
        module = importlib.import_module(f"rosenblatt.{package}")
        found = pkgutil.iter_modules(getattr(module, "__path__", []))
        names = [f"{package}.{one.name}" for one in found] or [package]
        for name in names:
            if name in INSIDE:
                continue
            members = vars(importlib.import_module(f"rosenblatt.{name}"))
            for key, value in members.items():
                own = getattr(value, "__module__", "") == f"rosenblatt.{name}"
                table = inspect.isclass(value) and issubclass(value, Kinded)  # see test_recipes
                door = inspect.isfunction(value) or (inspect.isclass(value) and not table)
                if own and door and not key.startswith("_") and f"{name}:{key}" not in INSIDE:
                    yield f"{name}:{key}"


R = np.random.default_rng(3)
X = R.random((12, 4)).astype(np.float32)  # some take counts alone
NEW = R.random((5, 4)).astype(np.float32)
Y = np.arange(12) % 3
IMAGES = R.random((6, 8, 9, 1)).astype(np.float32)
LETTERS = R.integers(0, 4, (6, 10)).astype(np.uint8)
SCORES = np.array([0.5, -1.0, 2.0])
GRAM = gram.Gaussian(1.0)(X)


def _estimators() -> Iterator[tuple[str, list[Door]]]:
    for name in classic.__all__:
        make = getattr(classic, name)
        where = f"{make.__module__.removeprefix('rosenblatt.')}:{name}"
        if name == "VirtualSVM":
            machine = make(lambda x: x.reshape(len(x), -1), augmentation.Augmentation(shift=1.0))
            machine.copies = machine.views = 1
            data = {"X": IMAGES, "y": Y[:6]}
            asked: dict[str, Any] = {"X": IMAGES[:3]}
        else:
            machine, data, asked = make(), {"X": X, "y": Y}, {"X": NEW}
        gaps = ("X",) if make.allows_missing else ()
        found = [Door(machine.fit, data, (*gaps, "y"))]  # texts are labels too
        fitted = _copy(machine).fit(*data.values())
        found += [
            Door(getattr(fitted, method), asked, gaps)
            for method in ("predict", "decision_function", "predict_proba", "transform")
            if hasattr(fitted, method)
        ]
        if "kernel" in make.settings and name != "BudgetPerceptron":
            precomputed = make("precomputed")
            found.append(Door(precomputed.fit, {"X": GRAM, "y": Y}, found[0].loose))
        yield where, found


def _copy(machine: Any) -> Any:
    copy = object.__new__(type(machine))
    vars(copy).update(vars(machine))
    return copy


def _kernels() -> Iterator[tuple[str, list[Door]]]:
    vectors = {
        gram: (
            gram.Linear(), gram.Polynomial(), gram.Gaussian(), gram.ArcCosine(),
            gram.Linear() + gram.Gaussian(), gram.Linear() * gram.Gaussian(), 2 * gram.Linear(),
            gram.Normalised(gram.Polynomial()),
        ),
        histograms: (histograms.Laplacian(),),
    }  # fmt: skip
    for module, kernels in vectors.items():
        for kernel in kernels:
            yield _kernel(module, kernel, X, NEW)
    for kernel in (histograms.ChiSquare(), histograms.Intersection()):
        yield _kernel(histograms, kernel, X + 0.5, NEW + 0.5)
    model, _ = hidden_markov.HiddenMarkov.fit(LETTERS, 2, rng(), 2)
    for module, kernel in (
        (strings, strings.Spectrum(3, True)),
        (strings, strings.Mismatch(3)),
        (strings, strings.Gapped(4, solid=2)),
        (alignment, alignment.WeightedDegree(3)),
        (alignment, alignment.LocalAlignment()),
        (hidden_markov, hidden_markov.FisherKernel.fit(model, LETTERS)),
    ):
        yield _kernel(module, kernel, LETTERS, LETTERS[:3])


def _kernel(module: Any, kernel: Any, x: np.ndarray, y: np.ndarray) -> tuple[str, list[Door]]:
    name = f"{module.__name__.removeprefix('rosenblatt.')}:{type(kernel).__name__}"
    calls = [Door(lambda x, y: kernel(x, y), {"x": x, "y": y}, ("y",))]
    calls.append(Door(lambda x: (kernel(x), kernel.diagonal(x)), {"x": x}))
    return name, calls


def _features() -> Iterator[tuple[str, list[Door]]]:
    yield (
        "features.association:on_retina",
        [Door(association.on_retina, {"images": IMAGES, "side": 5})],
    )
    layer = {"cells": 6, "units": 4, "rng": rng(), "excitatory": 2, "inhibitory": 1}
    make = association.AssociationLayer.make
    yield (
        "features.association:AssociationLayer",
        [
            Door(make, layer | {"threshold": 0.5}),
            Door(make(**layer), {"x": R.random((3, 6))}),
        ],
    )
    bent = augmentation.Augmentation(shift=1.0, rotation=10.0)
    yield (
        "features.augmentation:Augmentation",
        [
            Door(
                bent,
                {"images": IMAGES, "seed": 1, "step": 2, "indices": np.arange(6)},
                ("indices",),
            )
        ],
    )
    yield (
        "features.centring:Centring",
        [
            Door(lambda gram: centring.Centring.fit(gram)(gram), {"gram": GRAM}),
            Door(centring.Centring.fit(GRAM), {"gram": GRAM[:2]}),
        ],
    )
    shapes = [ckn.LayerShape(3, 4, 2), ckn.LayerShape(2, 3, 1)]
    learn = {"images": IMAGES, "shapes": shapes, "rng": rng()}
    yield (
        "features.ckn:KernelNetwork",
        [
            Door(ckn.KernelNetwork.fit, learn),
            Door(ckn.KernelNetwork.fit(**learn), {"images": IMAGES[:2]}),
        ],
    )
    yield (
        "features.combination:alignment_weights",
        [Door(combination.alignment_weights, {"grams": [GRAM, gram.Linear()(X)], "labels": Y})],
    )
    mixture, _ = fisher.Mixture.fit(X, 2, rng(), 2)
    yield (
        "features.fisher:Mixture",
        [
            Door(fisher.Mixture.fit, {"x": X, "count": 2, "rng": rng(), "rounds": 2}),
            Door(mixture.shares, {"x": NEW}),
        ],
    )
    sets = R.random((2, 3, 4)).astype(np.float32)
    yield (
        "features.fisher:fisher_vectors",
        [Door(fisher.fisher_vectors, {"mixture": mixture, "sets": sets})],
    )
    yield "features.gram:spread", [Door(gram.spread, {"x": X})]
    yield "features.gram:square_norms", [Door(gram.square_norms, {"x": X})]
    model, _ = hidden_markov.HiddenMarkov.fit(LETTERS, 2, rng(), 2)
    states = {"sequences": LETTERS, "states": 2, "rng": rng(), "rounds": 2}
    yield (
        "features.hidden_markov:HiddenMarkov",
        [
            Door(hidden_markov.HiddenMarkov.fit, states),
            Door(model.expect, {"sequences": LETTERS}),
            Door(model.gradient, {"sequences": LETTERS}),
        ],
    )
    yield "features.hog:HOG", [Door(hog.HOG((2, 4)), {"images": IMAGES})]
    yield "features.sift:DenseSIFT", [Door(sift.DenseSIFT(2, 2), {"images": IMAGES})]
    yield "features.scattering:Scattering", [Door(scattering.Scattering(2, 3), {"images": IMAGES})]
    yield (
        "features.kmeans:k_means",
        [Door(kmeans.k_means, {"x": X, "count": 3, "rng": rng(), "rounds": 3, "spherical": True})],
    )
    yield "features.kmeans:assign", [Door(kmeans.assign, {"x": X, "centres": NEW})]
    patch = {"images": IMAGES, "rng": rng(), "side": 3, "count": 4, "grid": 2, "samples": 50}
    yield (
        "features.patches:PatchDictionary",
        [
            Door(patches.PatchDictionary.fit, patch),
            Door(patches.PatchDictionary.fit(**patch), {"images": IMAGES[:2]}),
        ],
    )
    cutting = {"images": IMAGES, "side": 3, "count": 5, "rng": rng()}
    yield "features.patches:random_patches", [Door(patches.random_patches, cutting)]
    yield "features.resize:resize", [Door(resize.resize, {"images": IMAGES, "size": (4, 5)})]
    channels_first = np.ascontiguousarray(IMAGES.transpose(0, 3, 1, 2))
    scale = scaling.Scaling.fit(channels_first, "standardise")
    yield (
        "features.scaling:Scaling",
        [
            Door(scaling.Scaling.fit, {"images": channels_first, "method": "unit"}),
            Door(scale, {"images": channels_first}),
        ],
    )
    yield (
        "features.sequences:encode",
        [Door(sequences.encode, {"sequences": ["ACGT", "GGN"]}, ("sequences",))],
    )
    yield (
        "features.virtual:shifted",
        [Door(virtual.shifted, {"images": IMAGES, "down": 1, "right": -2})],
    )
    yield (
        "features.virtual:variants",
        [Door(virtual.variants, {"images": IMAGES, "shifts": ((0, 1), (1, 0)), "flip": True})],
    )
    yield (
        "features.whitening:Centred",
        [
            Door(whitening.Centred.fit, {"x": X}),
            Door(whitening.Centred.fit(X), {"x": NEW}),
        ],
    )
    yield (
        "features.whitening:normalise_contrast",
        [Door(whitening.normalise_contrast, {"x": X, "offset": 0.5})],
    )
    yield (
        "features.whitening:ZCA",
        [
            Door(whitening.ZCA.fit, {"x": X, "epsilon": 0.1}),
            Door(whitening.ZCA.fit(X, 0.1), {"x": NEW}),
        ],
    )


def _metrics() -> Iterator[tuple[str, list[Door]]]:
    truth = np.arange(6) % 2
    predicted = {
        "labels": truth,
        "scores": R.random(6),
        "probabilities": np.full((6, 2), 0.5),
        "values": R.random(6),
    }
    for metric in METRICS.values():
        true = R.random(6) if metric.wants == "values" else truth
        arguments = {"truth": true, "predicted": predicted[metric.wants], "weights": R.random(6)}
        where = f"{metric.function.__module__.removeprefix('rosenblatt.')}:{metric.name}"
        call = Door(lambda truth, predicted, weights, m=metric: m(truth, predicted, weights),
                    arguments, ("weights",))  # fmt: skip
        yield where, [call]
    pair = {"truth": truth, "predicted": truth, "classes": 2}
    yield "metrics.labels:confusion_matrix", [Door(confusion_matrix, pair, ("classes",))]
    scored = {"truth": truth, "scores": predicted["scores"]}
    yield "metrics.curves:roc_curve", [Door(curves.roc_curve, scored)]
    yield "metrics.curves:precision_recall_curve", [Door(curves.precision_recall_curve, scored)]
    shares = {"truth": truth, "shares": R.random(6), "bins": 3}
    yield "metrics.curves:calibration", [Door(curves.calibration, shares)]
    counts = R.integers(0, 9, (3, 3)).astype(np.float64)
    yield "metrics.curves:class_scores", [Door(curves.class_scores, {"counts": counts})]


def _rest() -> Iterator[tuple[str, list[Door]]]:
    truth = np.array([True, False, True])
    platt = calibration.Platt.fit(SCORES, truth)
    yield (
        "classic.calibration:Platt",
        [
            Door(calibration.Platt.fit, {"scores": SCORES, "second": truth}, ("second",)),
            Door(platt, {"scores": SCORES}),
        ],
    )
    warm = {"logits": X[:, :3], "labels": Y}
    for kind in (calibration.Temperature, calibration.BiasCorrectedTemperature):
        yield (
            f"classic.calibration:{kind.__name__}",
            [Door(kind.fit, warm), Door(kind.fit(**warm), {"logits": X})],
        )
    yield (
        "classic.logistic:probabilities",
        [Door(logistic.probabilities, {"scores": X}, ("scores",))],
    )
    yield (
        "classic.multiple_kernels:mkl_weights",
        [
            Door(
                multiple_kernels.mkl_weights,
                {"grams": [GRAM, gram.Linear()(X)], "y": Y, "cost": 1.0},
                ("y",),
            )
        ],
    )
    yield (
        "data.folds:stratified_folds",
        [Door(folds.stratified_folds, {"labels": Y, "folds": 3, "rng": rng()})],
    )
    groups = {"groups": np.arange(12) // 2, "folds": 3, "rng": rng()}
    yield "data.folds:group_folds", [Door(folds.group_folds, groups)]
    inside = {"labels": Y, "together": np.arange(12) // 2, "folds": 3, "rng": rng()}
    yield "data.folds:folds_inside", [Door(folds.folds_inside, inside, ("together",))]
    times = {"times": np.arange(12.0), "asked": np.arange(20.0, 25), "folds": 3}
    yield "data.folds:time_folds", [Door(folds.time_folds, times)]
    yield "data.folds:block_folds", [Door(folds.block_folds, {"rows": 12, "folds": 3})]


GROUPS = {
    "estimators": _estimators,
    "kernels": _kernels,
    "features": _features,
    "metrics": _metrics,
    "rest": _rest,
    "boxes": of_boxes,
    "detection": detection,
    "learning": learning,
    "visualise": visualise,
}


def doors(groups: Iterable[str] = GROUPS) -> dict[str, list[Door]]:
    """Return the calls of every public entry of some groups, by its name."""
    found: dict[str, list[Door]] = {}
    for group in groups:
        for name, calls in GROUPS[group]():
            found.setdefault(name, []).extend(calls)
    return found
