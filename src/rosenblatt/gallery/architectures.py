"""LeNet-5, AlexNet and VGG-19: as published, and trained here in a narrower form.

As published they are built, counted, and (not with --quick) run: an image forward, and a step of
training. Narrower ones, with the same layers, learn a challenge's images, or without --data the
digits, enlarged where a network needs it.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.gallery.pictures import Pictures, pictures
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.models.named import NETWORKS
from rosenblatt.report.style import BLUE, GREEN, ORANGE, figure
from rosenblatt.train import SGD, Adam, Cosine, Network, Plan
from rosenblatt.train.summary import rows

# The narrow form: width, side of the images, rate of Adam.
NARROW = {"lenet5": (1.0, 32, 0.002), "alexnet": (0.125, 67, 0.001), "vgg19": (0.125, 32, 0.0005)}
COLORS = dict(zip(NARROW, (BLUE, ORANGE, GREEN), strict=True))


def sizes(name: str) -> list[int]:
    """Return the parameters of the layers of a published network that have some.

    They are zeros, which take no memory before they are written to.
    """
    make, image = NETWORKS[name]
    shape: tuple[int, ...] = image
    found = []
    for layer in make():
        shape = layer.build(shape, None)
        found.append(sum(p.value.size for p in layer.parameters().values()))
    return [size for size in found if size]


def published(name: str, settings: Settings) -> dict[str, Any]:
    """Return the size of a network as published; if there is time, also what a step of it takes."""
    make, shape = NETWORKS[name]
    if settings.quick:
        return {"parameters": sum(sizes(name))}
    network = Network(make(), shape)
    table = rows(network)
    for line in network.summary().split("\n"):
        settings.say(line)
    x = np.random.default_rng(0).random((1, *shape)).astype(np.float32)
    plan = Plan(epochs=1, batch_size=1, optimiser=SGD(0.0, False))
    return {
        "parameters": sum(row.parameters for row in table),
        "multiply_adds": sum(row.multiply_adds for row in table),
        "forward_seconds": warm_seconds(lambda: network.outputs(x)),
        "step_seconds": warm_seconds(lambda: network.fit(x, np.array([1]), plan)),
    }


def warm_seconds(run: Callable[[], object]) -> float:
    """Return the seconds of a second run: the first one compiles."""
    run()
    start = time.perf_counter()
    run()
    return round(time.perf_counter() - start, 3)


def learned(name: str, data: Pictures, epochs: int) -> tuple[dict[str, Any], list[float]]:
    """Train the narrow form; return its figures, and the test accuracy after each epoch."""
    width, _, rate = NARROW[name]
    make, _ = NETWORKS[name]
    network = Network(make(len(data.classes), width), data.train.shape[1:])
    schedule = Cosine(rate)
    plan = Plan(epochs=epochs, batch_size=32, optimiser=Adam(), schedule=schedule, clip_norm=5.0)
    network.fit(data.train, data.labels, plan, (data.test, data.test_labels))
    curve = [float(row["validation_metric"]) for row in network.history]
    size = sum(p.value.size for p in network.parameters().values())
    last = round(curve[-1], 4)  # not the best one: the test images choose nothing
    return {"width": width, "parameters": size, "accuracy": last}, curve


def run(settings: Settings) -> dict[str, Any]:
    epochs, most = (1, 100) if settings.quick else (20, None)
    figures: dict[str, Any] = {}
    curves = {}
    for name, (_, side, _) in NARROW.items():
        data = pictures(settings, side, most, grey=name == "lenet5")
        if name != "lenet5" and data.train.shape[3] == 1:
            train, test = (np.repeat(x, 3, axis=3) for x in (data.train, data.test))
            data = data._replace(train=train, test=test)
        narrow, curves[name] = learned(name, data, epochs)
        figures[name] = {"published": published(name, settings), "trained": narrow}
        settings.say(f"{name}: {in_words(figures[name])}")
    draw(curves, settings)
    return {"epochs": epochs, "networks": figures}


def draw(curves: dict[str, list[float]], settings: Settings) -> None:
    """Draw where the published networks keep their parameters, and how the narrow ones learn."""
    with figure(settings.picture, 17, 7) as drawing:
        left, right = drawing.subplots(1, 2)
        for name in NETWORKS:
            kept = sizes(name)
            places = np.linspace(0, 1, len(kept))
            total = f"{name}: {sum(kept):,}"
            left.semilogy(places, kept, "o-", ms=3, color=COLORS[name], label=total)
        left.set(title="parameters by layer, as published", ylabel="parameters",
                 xlabel="from the first layer to the last")  # fmt: skip
        left.set_xticks([])
        left.set_ylim(1, 1e11)  # room for the legend
        left.legend(loc="upper left")
        for name, curve in curves.items():
            label = f"{name}, width {NARROW[name][0]:g}"
            right.plot(range(1, len(curve) + 1), curve, "o-", ms=3, color=COLORS[name], label=label)
        images = "the challenge's images" if settings.data else "the digits"
        right.set(title=f"narrow ones on {images}", xlabel="epoch",
                  ylabel="accuracy on test images", ylim=(0, 1.02))  # fmt: skip
        right.xaxis.get_major_locator().set_params(integer=True)
        right.legend(loc="upper left")
