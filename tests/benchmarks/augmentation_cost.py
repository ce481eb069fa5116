"""What augmentation, prepared while a step runs, adds to the time of net B's step.

`python -m tests.benchmarks.augmentation_cost [THREADS]`; the kinds take turns, medians are shown.
The last column is what preparing a batch takes of one core, which is all it can cost where no core
is free.
"""

import statistics
import sys
import time

import numpy as np

from rosenblatt.features.augmentation import Augmentation
from rosenblatt.kernels.machine import use_threads
from rosenblatt.train import SGD, Constant, Mixup, Plan, State
from rosenblatt.train.batches import Batches
from rosenblatt.train.fit import train_step
from tests.benchmarks.nets import NETS
from tests.benchmarks.ours import network, samples

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


def main(threads: int) -> None:
    use_threads(threads)
    net = NETS["B"]
    data = samples(net, net.batch * STEPS)
    model = network(net)
    parameters = model.parameters()
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
            for batch in batches.epoch(np.arange(len(data[0])), 0):
                train_step(model, parameters, batch, plan, state)
                ends.append(time.perf_counter())
            before = use_threads(1)
            middle = time.perf_counter()
            batches.prepare(np.arange(net.batch), turn)
            prepared[name].append(time.perf_counter() - middle)
            use_threads(before)
            if turn:
                times[name] += np.diff(ends).tolist()
    plain = statistics.median(times["none"])
    for name, found in times.items():
        step, alone = statistics.median(found), statistics.median(prepared[name])
        print(
            f"{name:28} {1000 * step:7.2f} ms a step  {step / plain - 1:+7.1%}"
            f"  {1000 * alone:6.2f} ms to prepare"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
