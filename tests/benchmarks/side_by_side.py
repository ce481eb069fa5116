"""What worker processes, and dask's, gain over fits one after another on one thread.

`python -m tests.benchmarks.side_by_side MNIST5K [WORKERS] [JSON]`; MNIST5K is a folder of grey
digits of 28 x 28, whose default recipe is cross-validated with few epochs. Dask's workers train 16
small members on the embedded challenge. Votes must be the same bits wherever they were trained.
`most` is what so many equal fits could gain on so many workers; other processes take from it.
"""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import SHIPPED, Recipe, read_recipe
from rosenblatt.data.folds import stratified_folds
from rosenblatt.files import write_atomic
from rosenblatt.kernels.core.cpu import cpu_name
from rosenblatt.train.workers import Workers

ROOT = Path(__file__).parents[2]
FOLDS, MEMBERS = 5, 16
EPOCHS = {"digits": 1, "small_digits": 10}


def main(mnist5k: str, workers: int, place: str | None) -> None:
    found = {
        "evaluate": _evaluate(mnist5k, workers),
        "dask": _dask(workers),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(found, indent=2))
    if place:
        write_atomic(place, json.dumps(found, indent=2) + "\n")


def _evaluate(folder: str, workers: int) -> dict[str, Any]:
    """Return the figures of cross-validation in one process and in some."""
    challenge, recipe = load_challenge(folder), _short("digits")
    fold = stratified_folds(challenge.labels, FOLDS, np.random.default_rng(recipe.seed))

    def run(number: int) -> np.ndarray:
        return pipeline.cross_validate(challenge, recipe, fold, Workers(number)).votes

    return _compare(
        run, FOLDS * pipeline.units(recipe, len(challenge.target)) // EPOCHS["digits"], workers
    )


def _dask(workers: int) -> dict[str, Any]:
    """Return the figures of 16 members on one dask worker and on some."""
    challenge = load_challenge(ROOT / "data" / "digits")
    recipe = _short("small_digits")
    members = (dataclasses.replace(recipe.members[0], count=MEMBERS),)
    recipe = dataclasses.replace(recipe, members=members)

    def run(number: int) -> np.ndarray:
        return pipeline.predict(challenge, recipe, Workers(cluster=addresses[number])).rows

    with _cluster(1) as one, _cluster(workers) as some:
        addresses = {1: one, workers: some}
        return _compare(run, MEMBERS, workers)


def _short(name: str) -> Recipe:
    """Return a shipped recipe's networks with few epochs."""
    recipe = read_recipe(SHIPPED / f"{name}.toml")
    first = dataclasses.replace(recipe.members[0], epochs=EPOCHS[name])
    return dataclasses.replace(recipe, members=(first,))


def _compare(run: Callable[[int], np.ndarray], fits: int, workers: int) -> dict[str, Any]:
    """Return seconds with one worker and with more; a first run has kernels compiled."""
    seconds, results = {}, {}
    for number in (workers, 1, workers):
        start = time.perf_counter()
        results[number] = run(number)
        seconds[number] = round(time.perf_counter() - start, 2)
    return {
        "fits": fits,
        "seconds_with_one": seconds[1],
        "workers": workers,
        "seconds": seconds[workers],
        "ratio": round(seconds[1] / seconds[workers], 2),
        "most": round(fits / -(-fits // workers), 2),
        "same_bits": bool(np.array_equal(results[1], results[workers])),
        "load": round(os.getloadavg()[0], 1),
    }


@contextlib.contextmanager
def _cluster(workers: int) -> Iterator[str]:
    """Start a scheduler and its workers on this machine; yield the scheduler's address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    environment["DASK_DISTRIBUTED__WORKER__DAEMON"] = "False"
    started = []

    def start(kind: str, *words: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words, "--no-dashboard"]
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        while not file.exists() or not file.read_text():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            start("worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", folder)
        try:
            from distributed import Client

            with Client(address, timeout="120s", set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=120)
            yield address
        finally:
            for process in started:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main(sys.argv[1], int((*sys.argv, "2")[2]), (*sys.argv, None, None)[3])
