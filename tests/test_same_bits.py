"""The same bits everywhere: over threads, instruction sets, BLAS, NumPy's vectors and libm.

What is compared is the digest of votes and of what machines and features give, floats and all (see
tests/digests.py), which is stricter than the digest of a submission. Each run is a process of its
own, as a user's would be. The suite makes the changes of libraries at once, and
takes two instruction sets; one after the other is

    python -m tests.test_same_bits

which takes some minutes, most of them to compile for each instruction set.
"""

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding
import pytest
from numpy._core import _multiarray_umath as numpy_core

ROOT = Path(__file__).parents[1]
LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4")
SHORT = LEVELS[::2]  # without and with fused multiply-adds; each takes a minute to compile for
ALL = ("final", "shipped", "machines")
CORES = ("Haswell", "Nehalem", "Prescott")  # kernels of OpenBLAS
VECTORS = " ".join(numpy_core.__cpu_dispatch__)  # NumPy's, beyond those that it is built for
OLD_LIBM = "glibc.cpu.hwcaps=-AVX2,-FMA"  # and no fused operations in exp, sin, pow


def digests(threads: int, *parts: str, **settings: str) -> list[str]:
    """Return the digests of a run in a process of its own, with nothing else that matters set."""
    ours = "OPENBLAS_", "NPY_", "GLIBC_", "NUMBA_CPU_"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | settings
    environment |= {"PYTHONPATH": str(ROOT / "src"), "NUMBA_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.digests", str(threads), *parts],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 2
    return lines


@pytest.fixture(scope="module")
def native():
    return digests(1, "final")


@pytest.mark.parametrize("threads", [3, 4])  # two, for each instruction set below
def test_threads_change_no_bit(native, threads):
    assert digests(threads, "final") == native


def test_members_differ(native):
    assert len({line.split()[1] for line in native}) == len(native)


def level_of_this_cpu() -> int:
    features = llvmlite.binding.get_host_cpu_features()
    needed = (("sse2",), ("sse4.2", "popcnt"), ("avx2", "fma", "bmi2"), ("avx512f", "avx512vl"))
    has = [all(features.get(name) for name in level) for level in needed]
    return has.index(False) if False in has else len(has)


def instructions(level: str) -> dict[str, str]:
    """Return the settings that compile for a level of x86-64, and not for the host."""
    return {"NUMBA_CPU_NAME": level, "NUMBA_CPU_FEATURES": ""}  # else the host's are added


@pytest.mark.parametrize("level", SHORT)
def test_instruction_sets_change_no_bit(native, level):
    if LEVELS.index(level) >= level_of_this_cpu():
        pytest.skip(f"this CPU does not run {level}")
    assert digests(2, "final", **instructions(level)) == native


def test_no_recipe_and_no_machine_depends_on_the_libraries_of_the_cpu():
    usual = digests(2, "shipped", "machines", OPENBLAS_NUM_THREADS="2")
    plainest = digests(
        3, "shipped", "machines",
        OPENBLAS_CORETYPE="Nehalem", OPENBLAS_NUM_THREADS="1",
        NPY_DISABLE_CPU_FEATURES=VECTORS, GLIBC_TUNABLES=OLD_LIBM,
    )  # fmt: skip
    assert plainest == usual


def changes() -> dict[str, tuple[int, dict[str, str]]]:
    """Return threads and settings of each run of the long form, by name."""
    runs: dict[str, tuple[int, dict[str, str]]] = {
        f"{threads} threads": (threads, {}) for threads in (1, 2, 3, 4)
    }
    for core in CORES:
        for count in "12":
            settings = {"OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": count}
            runs[f"{core}, {count} BLAS threads"] = 2, settings
    runs["1 BLAS thread"] = 2, {"OPENBLAS_NUM_THREADS": "1"}
    for name in numpy_core.__cpu_dispatch__:
        runs[f"NumPy without {name}"] = 2, {"NPY_DISABLE_CPU_FEATURES": name}
    runs["NumPy without vectors"] = 2, {"NPY_DISABLE_CPU_FEATURES": VECTORS}
    runs["libm without FMA"] = 2, {"GLIBC_TUNABLES": OLD_LIBM}
    for level in LEVELS[: level_of_this_cpu()]:
        runs[level] = 2, instructions(level)
    return runs


def main() -> int:
    """Compare all digests over all changes, one at a time; return how many runs differ."""
    runs, differing = changes(), 0
    usual = None
    for name, (threads, settings) in runs.items():
        found = digests(threads, *ALL, **settings)
        usual = usual or found
        other = [a.split()[0] for a, b in zip(found, usual, strict=True) if a != b]
        print(f"{name}: {len(found)} digests,", *(other or ["all the same"]), flush=True)
        differing += bool(other)
    return differing


if __name__ == "__main__":
    sys.exit(min(main(), 1))
