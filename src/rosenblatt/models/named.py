"""The networks of the lecture by name, with the sizes of their papers: lenet5, alexnet, vgg19.

Each takes a width: the factor of its filters and hidden units, 1 for the paper's.
"""

from collections.abc import Callable

from rosenblatt.layers import (
    AveragePooling,
    Channels,
    Concat,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    LocalResponseNormalisation,
    MaxPooling,
    Module,
    ReLU,
    Scale,
    Tanh,
)
from rosenblatt.ranges import Real, check_value

# Which of the 6 maps below each of C3's 16 maps sees (LeCun et al. 1998, table I).
LENET_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
WIDTH = Real(1e-3, 64)
VGG19_BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))  # filters, convolutions


def lenet5(classes: int = 10, width: float = 1.0) -> list[Module]:
    """Return LeNet-5 for images [N, 32, 32, 1]: 60,000 parameters up to F6.

    LeCun et al. 1998, section II.B: sub-sampling layers have a gain and a bias for each map, and
    C3's maps see 3, 4 or 6 of those below. Its squashing 1.7159 tanh(2x / 3) is tanh here, its ten
    radial units with codes drawn by hand a dense layer. A width other than 1 gives C3 all maps.
    """
    first, second, third, fourth = _widths((6, 16, 120, 84), width)
    glorot = "glorot_uniform"
    if width == 1:
        branches: list[list[Module] | Module] = [
            [Channels(chosen), Convolution(1, 5, initialiser=glorot)] for chosen in LENET_TABLE
        ]
        partial: Module = Concat(branches)
    else:
        partial = Convolution(second, 5, initialiser=glorot)
    return [
        Convolution(first, 5, initialiser=glorot), Tanh(), AveragePooling(2), Scale(), Tanh(),
        partial, Tanh(), AveragePooling(2), Scale(), Tanh(),
        Convolution(third, 5, initialiser=glorot), Tanh(), Flatten(),
        Dense(fourth, initialiser=glorot), Tanh(), Dense(classes, initialiser=glorot),
    ]  # fmt: skip


def alexnet(classes: int = 1000, width: float = 1.0) -> list[Module]:
    """Return AlexNet for images [N, 224, 224, 3]: 60,965,224 parameters.

    Krizhevsky et al. 2012, section 3.5, in its two groups: the second, fourth and fifth layer see
    the half of the maps that lay on their own processor. Maxima overlap, 3 x 3 every 2.
    """
    conv1, conv2, conv3, conv4, conv5 = _widths((96, 256, 384, 384, 256), width, even=True)
    (hidden,) = _widths((4096,), width)
    return [
        Convolution(conv1, 11, stride=4, padding=2, activation="relu"),
        LocalResponseNormalisation(), MaxPooling(3, 2),
        _grouped(conv1, conv2, 5), ReLU(),
        LocalResponseNormalisation(), MaxPooling(3, 2),
        Convolution(conv3, 3, padding="same", activation="relu"),
        _grouped(conv3, conv4, 3), ReLU(),
        _grouped(conv4, conv5, 3), ReLU(), MaxPooling(3, 2),
        *_dense_head(hidden, classes),
    ]  # fmt: skip


def vgg19(classes: int = 1000, width: float = 1.0) -> list[Module]:
    """Return VGG-19 for images [N, 224, 224, 3]: 143,667,240 parameters.

    Simonyan & Zisserman 2015, table 1, column E.
    """
    layers: list[Module] = []
    for filters, count in VGG19_BLOCKS:
        (wide,) = _widths((filters,), width)
        layers += [Convolution(wide, 3, padding="same", activation="relu") for _ in range(count)]
        layers.append(MaxPooling(2))
    (hidden,) = _widths((4096,), width)
    return layers + _dense_head(hidden, classes)


NETWORKS: dict[str, tuple[Callable[..., list[Module]], tuple[int, int, int]]] = {
    "lenet5": (lenet5, (32, 32, 1)),
    "alexnet": (alexnet, (224, 224, 3)),
    "vgg19": (vgg19, (224, 224, 3)),
}


def _widths(sizes: tuple[int, ...], width: float, even: bool = False) -> list[int]:
    check_value("width", width, WIDTH)
    step = 2 if even else 1
    return [max(step, round(size * width / step) * step) for size in sizes]


def _grouped(channels: int, filters: int, kernel_size: int) -> Module:
    """Return a convolution in two groups: each half of the filters sees half of the channels."""
    branches: list[list[Module] | Module] = []
    for half in (range(channels // 2), range(channels // 2, channels)):
        convolution = Convolution(filters // 2, kernel_size, padding="same")
        branches.append([Channels(half), convolution])
    return Concat(branches)


def _dense_head(hidden: int, classes: int) -> list[Module]:
    layers: list[Module] = [Flatten()]
    for _ in range(2):
        layers += [Dense(hidden, activation="relu"), Dropout(0.5)]
    return [*layers, Dense(classes)]
