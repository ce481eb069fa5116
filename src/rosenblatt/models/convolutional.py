"""The plain convolutional network: blocks of convolutions and a pooling, then dense layers."""

from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    Module,
    ReLU,
)


def convolutional(
    blocks: tuple[tuple[int, ...], ...],
    classes: int,
    *,
    kernel_size: int = 3,
    dense: int = 128,
    dropout: float = 0.5,
    batch_normalisation: bool = False,
) -> list[Module]:
    """Return the layers from images [N, H, W, C] to logits [N, classes].

    Each block is its convolutions (padded to keep the size, rectified) and a 2 x 2 maximum; a
    hidden dense layer with dropout follows where dense > 0. LeCun et al. 1998, section II, in the
    form of Simonyan & Zisserman 2015; with batch_normalisation, Ioffe & Szegedy 2015 between each
    convolution and its rectifier.
    """
    layers: list[Module] = []
    for block in blocks:
        for filters in block:
            if batch_normalisation:
                layers += [
                    Convolution(filters, kernel_size, padding="same"),
                    BatchNormalisation(),
                    ReLU(),
                ]
            else:
                layers.append(Convolution(filters, kernel_size, padding="same", activation="relu"))
        layers.append(MaxPooling(2))
    layers.append(Flatten())
    if dense:
        layers += [Dropout(dropout), Dense(dense, activation="relu")]
    return [*layers, Dropout(dropout), Dense(classes)]
