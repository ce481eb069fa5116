"""Receptive fields: what a unit sees of the image, computed for any layer, and drawn on it.

They grow linearly in the number of layers, and exponentially where layers sub-sample.
"""

from typing import Any

from rosenblatt.gallery.pictures import pictures
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.layers import Convolution, Layer, MaxPooling, Module, Sequential
from rosenblatt.report.style import BLUE, GREEN, ORANGE, PURPLE, bare, figure
from rosenblatt.visualise.field import outline, receptive_field
from rosenblatt.visualise.inside import layer_numbers

SIDE = 64


def stacks(depth: int) -> dict[str, list[Module]]:
    """Return networks of so many 3 x 3 convolutions, by how they sub-sample."""

    def convolution(stride: int = 1) -> Convolution:
        return Convolution(1, 3, stride, padding="same")

    pooled: list[Module] = []
    for _ in range(depth):
        pooled += [convolution(), MaxPooling(2)]
    return {
        "no sub-sampling": [convolution() for _ in range(depth)],
        "pooling after each": pooled,
        "stride 2 in each": [convolution(2) for _ in range(depth)],
    }


def growth(layers: list[Module], side: int) -> list[int]:
    """Return the sides of the fields of the convolutions' units, one after the other."""
    module = Sequential(layers)
    shape = (side, side, 1)
    module.build(shape, None)
    numbers = layer_numbers(module, shape, Convolution)
    return [receptive_field(module, shape, n).size[0] for n in numbers]


def run(settings: Settings) -> dict[str, Any]:
    depth = 4 if settings.quick else 6
    sizes = {name: growth(layers, 2 ** (depth + 1)) for name, layers in stacks(depth).items()}
    for name, found in sizes.items():
        settings.say(f"{name}: {in_words(found)}")
    drawn = draw(sizes, depth, settings)
    return {"convolutions": depth, "fields": sizes, "drawn": drawn}


def draw(sizes: dict[str, list[int]], depth: int, settings: Settings) -> dict[str, int]:
    """Draw the growth, and the fields of a pooled network's units; return the latter's sides."""
    image = pictures(settings, SIDE, 10).train[0]
    module = Sequential(stacks(4)["pooling after each"])
    shape = (SIDE, SIDE, 1)
    module.build(shape, None)
    fields = {}
    with figure(settings.picture, 16, 7.5) as drawing:
        left, right = drawing.subplots(1, 2, width_ratios=(2, 3))
        marks = zip(sizes.items(), (BLUE, ORANGE, GREEN), ("o", "s", "^"), strict=True)
        for (name, found), color, marker in marks:
            left.semilogy(range(1, depth + 1), found, color=color, marker=marker, ms=4, label=name)
        left.set(title="side of the receptive field", xlabel="convolutions of 3 x 3",
                 ylabel="pixels")  # fmt: skip
        left.set_xticks(range(1, depth + 1))
        ticks = [2**n for n in range(1, depth + 3)]
        left.set_yticks(ticks, list(map(str, ticks)))
        left.minorticks_off()
        left.legend(loc="upper left", bbox_to_anchor=(0, 1))
        left.set_ylim(2, 2 ** (depth + 4))
        right.imshow(image if image.shape[2] == 3 else 1 - image[..., 0], cmap="gray")
        bare(right)
        numbers = layer_numbers(module, shape, Layer)
        for n, color in zip(numbers[::2], (BLUE, ORANGE, GREEN, PURPLE), strict=True):
            field = receptive_field(module, shape, n)
            label = f"convolution {n // 2 + 1}: {field.size[0]} x {field.size[1]}"
            outline(right, field, color, label)
            fields[f"convolution {n // 2 + 1}"] = field.size[0]
        right.set_title("what the middle unit of each convolution sees")
        right.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return fields
