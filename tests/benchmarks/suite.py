"""What `bench` measures: the parts of the suite, and the machine they ran on."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks import race
from tests.benchmarks.nets import NETS
from tests.benchmarks.peak import bandwidth, peak

SQUARES = [
    f"gemm {n}x{n}x{n} {t}" for n in (256, 512, 1024, 2048) for t in ("nn", "nt", "tn", "tt")
]
# Forward, weights' gradient and input gradient of the dense layers of nets A to D, and the products
# of the recurrent ones.
SHAPES = [
    "gemm 128x120x256 nn", "gemm 256x120x128 tn", "gemm 128x256x120 nt",
    "gemm 128x512x3136 nn", "gemm 3136x512x128 tn", "gemm 128x3136x512 nt",
    "gemm 64x256x2048 nn", "gemm 2048x256x64 tn", "gemm 64x2048x256 nt",
    "gemm 128x512x784 nn", "gemm 784x512x128 tn",
    "gemm 128x256x512 nn", "gemm 512x256x128 tn", "gemm 128x512x256 nt",
    "gemm 32x1024x256 nn", "gemm 2048x1024x256 nn", "gemm 256x1024x2048 tn",
]  # fmt: skip
LAYERS = {
    "A": ["pooled 128x28x1 5x6", "pooled 128x12x6 5x16"],
    "B": ["conv 128x28x1 5x32", "conv 128x14x32 5x64"],
    "C": ["conv 64x32x3 3x32", "conv 64x32x32 3x32", "conv 64x16x32 3x64", "conv 64x16x64 3x64",
          "conv 64x8x64 3x128", "conv 64x8x128 3x128"],
}  # fmt: skip
GROWTH = [
    *(f"conv {n}x16x64 3x64" for n in (1, 8, 32, 128, 512)),
    *(f"conv 16x{h}x64 3x64" for h in (4, 8, 16, 32, 64, 128)),
    *(f"conv 32x16x{c} 3x{c}" for c in (1, 4, 8, 16, 32, 64, 128, 256)),
]
PARTS = ("nets", "gemm", "layers", "scaling", "growth")


def cpu() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def thread_counts(most: int) -> list[int]:
    """Return 1, 2, 4 ... up to `most`."""
    return [count for count in (1, 2, 4, 8, 16, 32, 64) if count <= most]


def _part(
    name: str, nets: list[str], rivals: list[str], threads: int, top: float
) -> Iterator[dict[str, Any]]:
    modes = ("forward", "weights", "input")
    convolutions = race.CONVOLUTIONS if "torch" in rivals else race.CONVOLUTIONS[:1]
    if name == "nets":
        yield from race.net_rows(nets, rivals, threads, top)
    elif name == "gemm":
        subjects = [(subject, "product") for subject in SQUARES + SHAPES]
        yield from race.single_rows(subjects, race.PRODUCTS, threads, top)
    elif name == "layers":
        subjects = [(s, mode) for net in nets for s in LAYERS.get(net, []) for mode in modes]
        subjects = [(s, mode) for s, mode in subjects if (mode, "x1 " in s) != ("input", True)]
        yield from race.single_rows(subjects, convolutions, threads, top)
    elif name == "scaling":
        for count in thread_counts(os.cpu_count() or 1):
            yield from race.net_rows(nets, rivals, count, peak(count))
    else:
        subjects = [(subject, "forward") for subject in GROWTH]
        yield from race.single_rows(subjects, convolutions, threads, top)


def run(
    parts: list[str], nets: list[str], rivals: list[str], threads: int
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the parts, each with the part, the processor, its peak and memory speed."""
    top, speed, processor = peak(threads), bandwidth(), cpu()
    for part in parts:
        for row in _part(part, nets, rivals, threads, top):
            yield {"part": part, **row, "cpu": processor, "peak": top, "bandwidth": speed}


__all__ = ["NETS", "PARTS", "cpu", "run", "thread_counts"]
