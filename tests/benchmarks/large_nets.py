"""AlexNet and VGG-19, one image of 224 x 224 pixels forward: our time beside PyTorch's.

    python -m tests.benchmarks.large_nets [--threads N] [--rounds N] [--json FILE]

The contenders take turns; medians are shown. PyTorch runs eagerly in both memory formats, of which
the faster one counts. The numbers of parameters must be the same.
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rosenblatt.files import write_atomic
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.models.named import NETWORKS, VGG19_BLOCKS
from rosenblatt.report.versions import processor
from rosenblatt.train import Network


def head() -> list[nn.Module]:
    """Return the dense layers that both end with."""
    return [nn.Flatten(), nn.LazyLinear(4096), nn.ReLU(), nn.LazyLinear(4096), nn.ReLU(),
            nn.LazyLinear(1000)]  # fmt: skip


def alexnet() -> nn.Sequential:
    """Return AlexNet (Krizhevsky et al. 2012, section 3.5), in its two groups."""
    normalise, pool = nn.LocalResponseNorm(5, alpha=5e-4, k=2.0), nn.MaxPool2d(3, 2)
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4, padding=2), nn.ReLU(), normalise, pool,
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), normalise, pool,
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), pool, *head(),
    )  # fmt: skip


def vgg19() -> nn.Sequential:
    """Return VGG-19 (Simonyan & Zisserman 2015, table 1, column E)."""
    layers: list[nn.Module] = []
    for filters, count in VGG19_BLOCKS:
        for _ in range(count):
            layers += [nn.LazyConv2d(filters, 3, padding=1), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, *head())


def race(name: str, theirs: nn.Sequential, rounds: int) -> dict[str, Any]:
    """Return the parameters and the median seconds of both, and the ratio of ours to theirs."""
    make, shape = NETWORKS[name]
    ours = Network(make(), shape)
    x = np.random.default_rng(0).random((1, *shape)).astype(np.float32)
    plain = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    last = plain.to(memory_format=torch.channels_last)
    theirs.eval()
    theirs(plain)  # makes the lazy layers
    runs = {"ours": lambda: ours.outputs(x), "contiguous": lambda: theirs(plain),
            "channels last": lambda: theirs(last)}  # fmt: skip
    seconds: dict[str, list[float]] = {kind: [] for kind in runs}
    for turn in range(rounds + 1):  # the first compiles and warms up
        for kind, run in runs.items():
            theirs.to(memory_format=torch.channels_last if kind == "channels last"
                      else torch.contiguous_format)  # fmt: skip
            start = time.perf_counter()
            run()
            if turn:
                seconds[kind].append(time.perf_counter() - start)
    counts = [sum(p.value.size for p in ours.parameters().values()),
              sum(p.numel() for p in theirs.parameters())]  # fmt: skip
    assert counts[0] == counts[1], counts
    medians = {kind: statistics.median(found) for kind, found in seconds.items()}
    best = min(medians["contiguous"], medians["channels last"])
    return {"parameters": counts[0], "ratio": round(medians["ours"] / best, 3)} | {
        f"{kind}_seconds": round(value, 4) for kind, value in medians.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", metavar="FILE", type=Path)
    arguments = parser.parse_args()
    use_threads(arguments.threads)
    torch.set_num_threads(arguments.threads)
    with torch.inference_mode():
        makers = {"alexnet": alexnet, "vgg19": vgg19}
        found = {name: race(name, make(), arguments.rounds) for name, make in makers.items()}
    for name, row in found.items():
        print(name, row)
    if arguments.json:
        kept = {"threads": arguments.threads, "cpu": processor(), "torch": torch.__version__}
        write_atomic(arguments.json, json.dumps(kept | found, indent=2) + "\n")
