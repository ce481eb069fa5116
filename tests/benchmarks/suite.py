"""What `bench` measures: the parts of the suite, and the machine they ran on."""

import contextlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rosenblatt.kernels.core.cpu import cpu_name
from tests.benchmarks import race
from tests.benchmarks.nets import NETS, find
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
BATCHES, WIDTHS = (0.25, 0.5, 2, 4), (0.5, 2)  # times the usual one
SIDES = {"A": (20, 56), "B": (14, 56), "C": (16, 64), "D": (14, 56), "E": (16, 256), "F": (16, 256),
         "G": (16, 64), "H": (50, 404), "I": (16, 256)}  # fmt: skip
PARTS = ("nets", "gemm", "layers", "scaling", "growth")


def cpu() -> str:
    """Return the processor's name, and what kernels are compiled for."""
    names = [platform.processor() or platform.machine()]
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{(names or [platform.machine()])[0]}, {cpu_name()}"


def thread_counts(most: int) -> list[int]:
    """Return 1, 2, 4 ... up to `most`."""
    return [count for count in (1, 2, 4, 8, 16, 32, 64) if count <= most]


def growth(name: str) -> list[str]:
    """Return the subjects of a net whose batch, side (or steps) or width differs, itself first."""
    batches = [f"{name} batch={int(find(name).batch * times)}" for times in BATCHES]
    sides = [f"{name} side={side}" for side in SIDES[name]]
    return [name, *batches, *sides, *(f"{name} width={times}" for times in WIDTHS)]


def _part(
    name: str, nets: list[str], rivals: list[str], threads: int, top: float
) -> Iterator[dict[str, Any]]:
    modes, entries = ("forward", "weights", "input"), race.entries_of(rivals)
    whole = [(net, mode) for net in nets for mode in ("train", "infer")]
    if name == "nets":
        yield from race.net_rows(whole, entries, threads, top)
    elif name == "gemm":
        subjects = [(subject, "product") for subject in SQUARES + SHAPES]
        yield from race.single_rows(subjects, race.PRODUCTS, threads, top)
    elif name == "layers":
        subjects = [(s, mode) for net in nets for s in LAYERS.get(net, []) for mode in modes]
        subjects = [(s, mode) for s, mode in subjects if (mode, "x1 " in s) != ("input", True)]
        convolutions = race.CONVOLUTIONS if "torch" in rivals else race.CONVOLUTIONS[:1]
        yield from race.single_rows(subjects, convolutions, threads, top)
    elif name == "scaling":
        for count in thread_counts(os.cpu_count() or 1):
            yield from race.net_rows(whole, entries, count, peak(count))
    else:
        yield from _growth_rows(nets, rivals, threads, top)


def _growth_rows(
    nets: list[str], rivals: list[str], threads: int, top: float
) -> Iterator[dict[str, Any]]:
    eager = race.entries_of(rivals, "compiled")  # which compiles a minute for each size
    subjects = [(subject, "train") for net in nets for subject in growth(net)]
    yield from race.net_rows(subjects, eager, threads, top)
    usual = [(net, "train") for net in nets]
    for count in thread_counts(os.cpu_count() or 1):
        if count != threads:
            yield from race.net_rows(usual, eager, count, peak(count))
    yield from race.memory_rows(nets, race.entries_of(rivals), threads)


def run(
    parts: list[str], nets: list[str], rivals: list[str], threads: int
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the parts, each with the part, the processor and its memory's speed."""
    top, speed, processor = peak(threads), bandwidth(), cpu()
    for part in parts:
        for row in _part(part, nets, rivals, threads, top):
            yield {"part": part, **row, "cpu": processor, "bandwidth": speed}


__all__ = ["NETS", "PARTS", "cpu", "run", "thread_counts"]
