"""Our layers under ONNX's own tests of nodes, where onnx is installed: what each should give.

    pip install onnx pytest
    PYTHONPATH=src python -m pytest -s tests/optional/test_onnx_nodes.py

A test counts where its graph is one node, of an operator that onnx_nodes.py has; it passes where
the first output is ours, computed in float64, to a relative 1e-5 (and 1e-6 of what is near zero).
"""

# ruff: noqa: E402 (onnx may be absent)
import collections
import os
import warnings

import numpy as np
import pytest

REASON = "onnx is not installed: its tests are no referee of our layers"
onnx = pytest.importorskip("onnx", minversion="1.16", reason=REASON)

from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

from rosenblatt.errors import UserError
from tests.optional import onnx_sequences  # noqa: F401 (adds its nodes)
from tests.optional.onnx_nodes import NODES, InexpressibleError

ROUNDED = "test_averagepool_2d_ceil_last_window_starts_on_pad"  # expected to four digits
LEAST = {"Conv": 26, "ConvTranspose": 11, "MaxPool": 19, "AveragePool": 15}
NORMALISATIONS = ("LayerNormalization", "RMSNormalization", "GroupNormalization",
                  "InstanceNormalization")  # fmt: skip


def _array(proto):
    stored = isinstance(proto, onnx.TensorProto)
    return numpy_helper.to_array(proto) if stored else np.asarray(proto)


def _stored(folder):
    """Return the model of a folder and its data sets, as lists of inputs and outputs."""
    sets = []
    for one in sorted(os.listdir(folder)):
        if one.startswith("test_data_set"):
            files = sorted(os.listdir(os.path.join(folder, one)), key=lambda f: (len(f), f))
            read = [
                [_array(onnx.load_tensor(os.path.join(folder, one, f))) for f in files if kind in f]
                for kind in ("input_", "output_")
            ]
            sets.append(read)
    return onnx.load(os.path.join(folder, "model.onnx")), sets


def cases():
    """Yield (operator, name, node, its inputs, the first output) of all tests of one node."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tests = [t for kind in ("node", "pytorch-converted", "pytorch-operator", "simple")
                 for t in load_model_tests(kind=kind)]  # fmt: skip
    for test in tests:
        model, sets = (test.model, test.data_sets) if test.model else _stored(test.model_dir)
        graph = model.graph
        if len(graph.node) != 1 or graph.node[0].op_type not in NODES or graph.node[0].domain:
            continue
        node = graph.node[0]
        known = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        given = [one.name for one in graph.input if one.name not in known]
        inputs, outputs = sets[0]
        known |= dict(zip(given, map(_array, inputs), strict=False))
        yield node.op_type, test.name, node, [known.get(n) for n in node.input], _array(outputs[0])


def verdict(node, inputs, expected):
    """Return "passes", or what is wrong or missing."""
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    attributes["output"] = next(i for i, name in enumerate(node.output) if name)
    try:
        found = NODES[node.op_type](attributes, list(inputs))
    except InexpressibleError as error:
        return f"not ours: {error}"
    except UserError as error:
        return f"refused: {error}"
    if np.shape(found) != expected.shape:
        return f"differs: {np.shape(found)}, not {expected.shape}"
    close = np.allclose(found, expected, rtol=1e-5, atol=1e-6, equal_nan=True)
    return "passes" if close else f"differs: by {np.abs(found - expected).max():.2g}"


def test_onnx_says_the_same_of_its_nodes():
    passed, counted, wrong = collections.Counter(), collections.Counter(), []
    for operator, name, node, inputs, expected in cases():
        found = verdict(node, inputs, expected)
        counted[operator] += 1
        passed[operator] += found == "passes"
        wrong += [f"{operator} {name}: {found}"] if found != "passes" else []
    print("\n".join(["", *wrong]))
    for operator in sorted(counted):
        print(f"{operator:26} {passed[operator]:3} of {counted[operator]:3}")
    print(f"{'all':26} {sum(passed.values()):3} of {sum(counted.values()):3}")
    assert not [line for line in wrong if "differs" in line and ROUNDED not in line]
    assert all(passed[operator] >= least for operator, least in LEAST.items())
    assert sum(passed[operator] for operator in NORMALISATIONS) >= 38
    assert sum(passed.values()) >= 235
