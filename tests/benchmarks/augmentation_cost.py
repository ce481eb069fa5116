"""What augmentation, prepared while a step runs, adds to the time of net B's step.

    python -m tests.benchmarks.augmentation_cost [--threads N] [--json FILE]

The kinds take turns, medians are shown. What preparing a batch takes of one core is all that it can
cost where no core is free.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from rosenblatt.features.augmentation import Augmentation
from rosenblatt.files import write_atomic
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.report.versions import processor
from rosenblatt.train import SGD, Constant, Mixup, Plan, State
from rosenblatt.train.batches import Batches
from rosenblatt.train.fit import train_step
from rosenblatt.train.replay import Passes
from tests.benchmarks.nets import NETS, samples
from tests.benchmarks.ours import network

STEPS, ROUNDS = 12, 8
AFFINE = {"shift": 2.0, "rotation": 12.0, "scale": 0.12, "shear": 0.12}
KINDS = {
    "none": None,
    "affine": Augmentation(**AFFINE),
    "flip, crop, jitter, cut-out": Augmentation(
        flip=0.5, crop=4, brightness=0.2, contrast=0.2, saturation=0.2, cutout=8
    ),
    "affine, elastic": Augmentation(**AFFINE, alpha=34.0),
}


def measure(threads: int) -> dict[str, dict[str, float]]:
    """Return for each kind the milliseconds of a step and of preparing it, and what it adds."""
    use_threads(threads)
    net = NETS["B"]
    data = samples(net, net.batch * STEPS)
    model = network(net)
    passes = Passes(model)
    times: dict[str, list[float]] = {name: [] for name in [*KINDS, "affine, mixup"]}
    prepared: dict[str, list[float]] = {name: [] for name in times}
    for turn in range(ROUNDS + 1):  # the first loads kernels
        for name in times:
            mixup = Mixup(0.2) if "mixup" in name else None
            augment = KINDS[name.removesuffix(", mixup")]
            plan = Plan(batch_size=net.batch, schedule=Constant(0.01), augment=augment, mixup=mixup)
            state = State(SGD(), np.random.default_rng(0), STEPS, 1)
            batches = Batches(model, data, plan)
            ends = [time.perf_counter()]
            for batch in batches.in_order(np.arange(len(data[0])), 0):
                train_step(passes, batch, plan, state)
                ends.append(time.perf_counter())
            before = use_threads(1)
            middle = time.perf_counter()
            batches.prepare(np.arange(net.batch), turn)
            prepared[name].append(time.perf_counter() - middle)
            use_threads(before)
            if turn:
                times[name] += np.diff(ends).tolist()
    plain = statistics.median(times["none"])
    return {
        name: {
            "step_ms": round(1000 * statistics.median(found), 3),
            "added": round(statistics.median(found) / plain - 1, 4),
            "prepare_ms": round(1000 * statistics.median(prepared[name]), 3),
        }
        for name, found in times.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", type=Path)
    arguments = parser.parse_args()
    kinds = measure(arguments.threads)
    for kind, row in kinds.items():
        print(f"{kind:28} {row['step_ms']:7.2f} ms a step {row['added']:+7.1%} "
              f"{row['prepare_ms']:6.2f} ms to prepare")  # fmt: skip
    if arguments.json:
        kept = {"net": "B", "threads": arguments.threads, "cpu": processor(), "kinds": kinds}
        write_atomic(arguments.json, json.dumps(kept, indent=2) + "\n")
