"""PyTorch as a contender, at its best: both memory formats, eager and compiled, fused optimiser."""

from collections.abc import Callable

import torch
from torch import nn

from tests.benchmarks.nets import INFERENCE_BATCH, Net, find, samples


class First(nn.Module):
    """Runs a recurrent layer and passes on its outputs alone."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


class Separable(nn.Module):
    """A shortcut beside a depthwise convolution and one of 1 x 1."""

    def __init__(self, filters):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(filters, filters, 3, padding=1, groups=filters), nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 1), nn.BatchNorm2d(filters),
        )  # fmt: skip

    def forward(self, x):
        return x + self.branch(x)


class Attention(nn.Module):
    """Causal attention of several heads, by PyTorch's fused kernel."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.joint, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        N, T, W = x.shape
        parts = self.joint(x).view(N, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        seen = nn.functional.scaled_dot_product_attention(*parts, is_causal=True)
        return self.output(seen.transpose(1, 2).reshape(N, T, W))


class Transformer(nn.Module):
    """A block with layer normalisation first."""

    def __init__(self, width, heads):
        super().__init__()
        self.look = nn.Sequential(nn.LayerNorm(width), Attention(width, heads))
        self.think = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        x = x + self.look(x)
        return x + self.think(x)


class Average(nn.Module):
    """The mean over pixels or steps."""

    def forward(self, x):
        return x.flatten(2).mean(2)


def network(net: Net) -> nn.Module:
    layers: list[nn.Module] = []
    channels = net.shape[-1]
    sides = list(net.shape[:-1])
    for kind, *settings in net.layers:
        if kind == "conv":
            filters, size, padding = settings
            layers += [nn.Conv2d(channels, filters, size, padding=padding), nn.ReLU(inplace=True)]
            channels = filters
            sides = [side + 2 * padding - size + 1 for side in sides]
        elif kind == "pool":
            layers.append(nn.MaxPool2d(2))
            sides = [side // 2 for side in sides]
        elif kind == "flatten":
            layers.append(nn.Flatten())
            channels *= sides[0] * sides[1]
        elif kind == "dense":
            units, rectified = settings
            layers.append(nn.Linear(channels, units))
            layers += [nn.ReLU(inplace=True)] if rectified else []
            channels = units
        elif kind == "dropout":
            layers.append(nn.Dropout(*settings))
        elif kind == "embedding":
            layers.append(nn.Embedding(*settings))
            channels = settings[1]
        elif kind == "separable":
            layers.append(Separable(channels))
        elif kind == "average":
            layers.append(Average())
        elif kind == "conv1d":
            filters, size, padding = settings
            layers += [nn.Conv1d(channels, filters, size, padding=padding), nn.ReLU(inplace=True)]
            channels = filters
        elif kind == "pool1d":
            layers.append(nn.MaxPool1d(2))
        elif kind == "transformer":
            layers.append(Transformer(*settings))
        else:
            recurrent = nn.LSTM if kind == "lstm" else nn.GRU
            layers.append(First(recurrent(channels, *settings, batch_first=True)))
            channels = settings[0]
    return nn.Sequential(*layers)


def build(subject: str, mode: str, variant: str, threads: int) -> Callable[[], object]:
    net = find(subject)
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    images = len(net.shape) == 3
    if variant == "channels_last" and not images:
        raise ValueError("this net has no channels")
    layout = torch.channels_last if variant == "channels_last" else torch.contiguous_format
    batch = INFERENCE_BATCH if mode == "infer" else net.batch
    raw, labels = map(torch.from_numpy, samples(net, batch))
    x = raw.permute(0, 3, 1, 2).contiguous(memory_format=layout) if images else raw
    x = raw.transpose(1, 2).contiguous() if len(net.shape) == 2 else x
    model = network(net)
    model = model.to(memory_format=layout) if images else model
    call = torch.compile(model) if variant == "compiled" else model
    if mode == "infer":
        model.eval()

        def infer():
            with torch.inference_mode():
                return call(x)

        return infer
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)
    target = labels.reshape(-1)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(call(x).reshape(-1, net.classes), target)
        loss.backward()
        optimiser.step()
        return loss.item()

    return step
