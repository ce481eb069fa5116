"""The same bits everywhere: a shortened final recipe over thread counts and instruction sets.

What is compared is the digest of every member's votes, floats and all, which is stricter than the
digest of a submission. Each run is a process of its own, as a user's would be.
"""

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding
import pytest

ROOT = Path(__file__).parents[1]

PROGRAM = """
import dataclasses, hashlib, sys
from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import NetworkMember, quick, read_recipe
from rosenblatt.train import parallel

def digest(shared, task, advance):
    recipe, rows = shared
    return hashlib.sha256(pipeline.votes(recipe, task, rows, advance).tobytes()).hexdigest()

if __name__ == "__main__":
    challenge = load_challenge("data/digits")
    recipe = quick(read_recipe("submissions/final.toml"), 100)  # one epoch, one network of a kind
    rows = pipeline.Rows(challenge.train[:96], challenge.labels[:96], challenge.test[:40], 10)
    threads = int(sys.argv[1])
    shared, tasks = (recipe, rows), list(pipeline.fits(recipe))
    # All threads on one member after the other: the harder case for equal bits.
    digests = [parallel.run(digest, shared, [task], threads)[0] for task in tasks]
    print(*digests)
"""

LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4")


def votes(threads: int, **settings: str) -> list[str]:
    """Return the digests of the members' votes from a run in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **settings}
    environment["NUMBA_NUM_THREADS"] = str(threads)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(threads)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    digests = done.stdout.split()
    assert len(digests) >= 2
    return digests


@pytest.fixture(scope="module")
def native():
    return votes(1)


@pytest.mark.parametrize("threads", [2, 3, 4])
def test_threads_change_no_bit(native, threads):
    assert votes(threads) == native


def test_members_differ(native):
    assert len(set(native)) == len(native)


def level_of_this_cpu() -> int:
    features = llvmlite.binding.get_host_cpu_features()
    needed = (("sse2",), ("sse4.2", "popcnt"), ("avx2", "fma", "bmi2"), ("avx512f", "avx512vl"))
    has = [all(features.get(name) for name in level) for level in needed]
    return has.index(False) if False in has else len(has)


@pytest.mark.parametrize("level", LEVELS)
def test_instruction_sets_change_no_bit(native, level):
    if LEVELS.index(level) >= level_of_this_cpu():
        pytest.skip(f"this CPU does not run {level}")
    # Empty features, or Numba would add those of the host to the named processor's.
    assert votes(2, NUMBA_CPU_NAME=level, NUMBA_CPU_FEATURES="") == native
