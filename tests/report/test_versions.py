"""What a result says of the program that made it."""

import platform

import numpy as np

from rosenblatt.report.versions import processor, versions


def test_versions_name_what_results_depend_on():
    words = versions().split()
    assert words[::2] == ["python", "numpy", "numba", "llvmlite"]
    assert words[1] == platform.python_version()
    assert words[3] == np.__version__
    assert processor().endswith(platform.machine())
