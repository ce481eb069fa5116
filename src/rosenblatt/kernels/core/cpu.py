"""The computer that the kernels run on: its threads, its memory and its processor."""

import ctypes
import os
from functools import cache

import numba
from llvmlite import binding

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h, in bytes


def use_threads(count: int) -> int:
    """Let parallel kernels use `count` threads, at most those that Numba has; return the former."""
    before = numba.get_num_threads()
    numba.set_num_threads(max(1, min(count, most_threads())))
    return before


def threads_in_use() -> int:
    """Return how many threads parallel kernels use, when they are called from this thread."""
    return numba.get_num_threads()


def most_threads() -> int:
    """Return how many threads Numba has: the cores, or what NUMBA_NUM_THREADS says."""
    return numba.config.NUMBA_NUM_THREADS


def cpu_name() -> str:
    """Return the processor that kernels are compiled for, as LLVM calls it."""
    return numba.config.CPU_NAME or binding.get_host_cpu_name()


VECTOR_SUM = """
define <16 x float> @add(<16 x float> %x) {
  %y = fadd <16 x float> %x, %x
  ret <16 x float> %y
}
"""


@cache
def has_wide_vectors() -> bool:
    """Return whether the processor that kernels are compiled for has registers of 16 floats.

    Asked of LLVM, by what it makes of such a sum, since names of processors do not tell.
    """
    features = numba.config.CPU_FEATURES
    if features is None:  # as Numba, which adds the host's to any processor that is named
        features = binding.get_host_cpu_features().flatten()
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(cpu=cpu_name(), features=features)
    return "zmm" in machine.emit_assembly(binding.parse_assembly(VECTOR_SUM))


def keep_freed_memory() -> None:
    """Have glibc keep what is freed for the next request, instead of giving it back at once.

    Kernels need some MiB for each task; pages fetched anew each time cost up to twice as much as
    the arithmetic on them. Other C libraries have no such switch.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 32 << 20)  # the largest that it takes
        mallopt(M_TRIM_THRESHOLD, 128 << 20)
