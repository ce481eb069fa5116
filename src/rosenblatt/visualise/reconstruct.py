"""What in the image made a unit respond: its gradient, a deconvnet, guided back-propagation.

The three differ in the rectifiers alone. With y a rectifier's output and d what arrives from above,
there goes on

    gradient    d where y > 0
    deconvnet   d where d > 0                 (Zeiler & Fergus 2014, section 2.1)
    guided      d where y > 0 and d > 0       (Springenberg et al. 2015, figure 1)

Pooling goes back through its switches, convolutions through their transposes.
"""

from typing import Any

import numpy as np

from rosenblatt.arrays import check_images, check_numbers
from rosenblatt.layers import Convolution, Dense, Module, ReLU
from rosenblatt.ranges import Choice, check_value
from rosenblatt.tape import Rule
from rosenblatt.visualise.inside import UNIT, Unit, check_unit, is_rectified, node, recorded

METHODS = ("gradient", "deconvnet", "guided")


def _rules(method: str) -> dict[type, Rule]:
    """Return the rules of all layers that rectify."""
    check_value("method", method, Choice(METHODS))
    if method == "gradient":
        return {}

    def gate(d_output: np.ndarray, output: np.ndarray) -> np.ndarray:
        d = np.maximum(d_output, 0)
        return d if method == "deconvnet" else np.where(output > 0, d, d.dtype.type(0))

    def rectifier(layer: Any, d_output: Any, cache: Any, needs: Any) -> Any:
        return (gate(d_output, cache.kept),)

    def fused(layer: Any, d_output: Any, cache: Any, needs: Any) -> Any:
        if not is_rectified(layer):
            return layer.backward(d_output, cache, needs)
        x, output, *rest = cache.kept
        opened = np.ones_like(output)  # the layer's own gate lets all pass
        return layer.backward(
            gate(d_output, output), cache._replace(kept=(x, opened, *rest)), needs
        )

    return {ReLU: rectifier, Convolution: fused, Dense: fused}


def reconstruct(network: Module, images: np.ndarray, unit: Unit, method: str) -> np.ndarray:
    """Return for images [N, H, W, C] what made a unit respond, of the same shape.

    Of a map's units of that channel, the one of the largest response in each image is taken; it is
    carried back with its response (gradient: with 1). Raises UserError: no such layer, channel or
    method.
    """
    images = check_images(images)
    check_value("unit", unit, UNIT)
    rules = _rules(method)
    with recorded(network, images) as (tape, x):
        output = node(tape, unit.layer).output
        check_unit(unit, output.value.shape[-1])
        value = output.value.reshape(len(images), -1, output.value.shape[-1])
        best = value[:, :, unit.channel].argmax(1)
        d_output = np.zeros_like(value)
        rows = np.arange(len(images))
        start = 1.0 if method == "gradient" else value[rows, best, unit.channel]
        d_output[rows, best, unit.channel] = start
        tape.backward(output, d_output.reshape(output.value.shape), rules)
        assert x.gradient is not None
        return x.gradient.copy()


def contrast(picture: np.ndarray) -> np.ndarray:
    """Return a reconstruction [H, W, C] as an image in 0..1, grey where it is zero.

    Raises UserError as check_numbers.
    """
    picture = check_numbers(picture, "H W C", "picture")
    largest = float(np.abs(picture).max())
    image = 0.5 + 0.5 * picture / max(largest, 1e-30)
    return image if image.shape[-1] == 3 else image.mean(-1)
