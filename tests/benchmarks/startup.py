"""How long a process takes before it trains: with nothing compiled, and after that.

    python -m tests.benchmarks.startup [--json FILE]

Two programs, each in new processes with a kernel cache of its own, on all cores. `first step`: from
the start of Python to the end of net B's first training step, of one sample. `short start.py`: the
final recipe cut to one epoch and one network of a kind; cold less warm is what compilation costs.
`predict one PNG`: start.py asks a model of that kind, which `submit --quick --keep` made.
Python's bytecode is there, as pip leaves it for a user. On a busy machine look at
the processor's seconds: they do not count what other programs took, but add up over processes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.image import imsave

from tests.benchmarks.suite import cpu

ROOT = Path(__file__).parents[2]
LIMITS = {
    "first step, warm": 1.5,
    "compilation for start.py": 40.0,
    "predict one PNG": 1.5,
}  # seconds

IMPORTS = "import tests.benchmarks.ours, rosenblatt.pipeline.ensemble, rosenblatt.challenge"
FIRST_STEP = """
import tests.benchmarks.ours as ours
ours.build("B batch=1", "train", "-", 0)()
"""

RECIPE = """
import os
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import (quick, read_recipe)
from rosenblatt.pipeline.ensemble import predict
from rosenblatt.train.workers import Workers

if __name__ == "__main__":
    recipe = quick(read_recipe("submissions/final.toml"), 100)
    predict(load_challenge("data/digits"), recipe, Workers(os.cpu_count()))
"""

COMMAND = """
import runpy, sys

if __name__ == "__main__":
    sys.argv = ["start.py", "--no-setup", *{words}]
    runpy.run_path("start.py", run_name="__main__")
"""


class Seconds(NamedTuple):
    """From the start of a process to its end, and of the processor, its children's included."""

    wall: float
    processor: float


def seconds(program: Path, cache: str) -> Seconds:
    """Run a program in a new process."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    bytecode = str(program.parent / "bytecode")
    own = {"PYTHONPATH": paths, "XDG_CACHE_HOME": cache, "PYTHONPYCACHEPREFIX": bytecode}
    environment = {**os.environ, **own}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, str(program)], cwd=ROOT, env=environment, check=True)
    wall, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system
    return Seconds(wall, used - before.children_user - before.children_system)


def measure() -> dict[str, Seconds]:
    """Return the seconds of all programs."""
    found: dict[str, Seconds] = {}
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(IMPORTS)
        seconds(program, folder)
        for name, source in (("first step", FIRST_STEP), ("short start.py", RECIPE)):
            program.write_text(source)
            cache = str(Path(folder) / name.replace(" ", "-"))
            found[f"{name}, cold"] = seconds(program, cache)
            found[f"{name}, warm"] = min(seconds(program, cache) for _ in range(3))
        found["predict one PNG"] = prediction(Path(folder))
    cold, warm = found["short start.py, cold"], found["short start.py, warm"]
    compiled = Seconds(cold.wall - warm.wall, cold.processor - warm.processor)
    return {**found, "compilation for start.py": compiled}


def prediction(folder: Path) -> Seconds:
    """Return the seconds of one answer of a model that was kept."""
    program, picture, model = (folder / name for name in ("program.py", "one.png", "model"))
    imsave(picture, np.eye(32))
    out = str(folder / "out.csv")
    words = ["submit", "data/digits", "--quick", "--keep", str(model), "--out", out]
    program.write_text(COMMAND.format(words=words))
    seconds(program, str(folder))
    program.write_text(COMMAND.format(words=["predict", str(model), str(picture)]))
    return min(seconds(program, str(folder)) for _ in range(4))


def main() -> None:
    """Print the figures beside their limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path)
    arguments = parser.parse_args()
    found = measure()
    for name, value in found.items():
        limit = f"   (limit {LIMITS[name]:g})" if name in LIMITS else ""
        print(f"{name:26} {value.wall:6.2f} s, processor {value.processor:6.2f} s{limit}")
    print(f"{cpu()}, {os.cpu_count()} threads")
    if arguments.json:
        machine = {"cpu": cpu(), "threads": os.cpu_count()}
        rows = [{"what": name, **value._asdict(), **machine} for name, value in found.items()]
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
