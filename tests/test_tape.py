import copy
import threading

import numpy as np
import pytest

from rosenblatt.kernels.core.workspace import ALIGNMENT
from rosenblatt.layers import Add, Dense, Dropout, Flatten, ReLU, Residual, Sequential, Sigmoid
from rosenblatt.tape import Arena, Parameter, Tape, Variable, current_tape, empty
from tests.gradients import assert_gradient


def built(module, shape, dtype=np.float64):
    module.build(shape, np.random.default_rng(0))
    module.cast(dtype)
    return module


def test_an_arena_gives_the_same_memory_step_after_step():
    arena = Arena()
    places = []
    for _ in range(2):
        with arena:
            held = [empty((3, 4), np.float32), empty((5,), np.uint8)]
        assert not np.shares_memory(*held)
        places.append([array.ctypes.data for array in held])
        del held
    assert places[0] == places[1]
    assert arena.bytes == 3 * 4 * 4 + 5
    assert all(place % ALIGNMENT == 0 for place in places[0])


def test_an_arena_uses_again_what_no_array_refers_to():
    arena = Arena()
    with arena:
        first = empty((4, 4), np.float32)
        seen = first.reshape(-1)[2:]  # of the same memory
        del first
        second = empty((4, 4), np.float32)
        assert not np.shares_memory(seen, second)
        place = seen.ctypes.data - 8
        del seen
        third = empty((2, 4), np.float64)
        assert third.ctypes.data == place
        fourth = empty((1,), np.float32)  # far smaller than what is free
        assert arena.bytes == 2 * 64 + 4
        del second, fourth
        assert not np.shares_memory(empty((4, 4), np.float32), third)
    with arena:  # what is held from the step before stays what it was
        third[:] = 7
        empty((16,), np.float32)[:] = empty((8,), np.float64).sum()
    assert (third == 7).all()


def test_an_arena_grows_and_gives_back_what_two_steps_have_not_used():
    arena, sizes = Arena(), []
    for count in (12, 40, 6, 1000, 12, 12, 12):
        with arena:
            array = empty((count,), np.dtype("f4"))
            sizes.append(arena.bytes)
            del array
    # In the place of a smaller one; from a larger one; beside one that is far smaller; ...
    assert sizes == [48, 160, 160, 4160, 4160, 4160, 160]


def test_an_arena_in_use_cannot_be_entered_again():
    arena = Arena()
    with arena, pytest.raises(RuntimeError, match="in use"), arena:
        pass
    with arena:
        pass


def test_a_copied_arena_is_a_new_one():
    arena = Arena()
    with arena:
        empty((100,), np.float32)
    assert copy.deepcopy(arena).bytes == 0


def test_without_an_arena_arrays_are_fresh():
    assert empty((2,), np.float32) is not empty((2,), np.float32)


def test_a_steady_step_requests_no_new_memory():
    network = built(Sequential([Dense(6, "relu"), Residual([Dense(6), ReLU()]), Dense(2)]), (4,))
    arena, x = Arena(), np.ones((5, 4))
    buffers = []
    for _ in range(5):
        with Tape(arena=arena) as tape:
            output = network(x)  # while the one before is still there
            tape.backward(output, np.ones((5, 2)))
        buffers.append([id(buffer) for buffer in arena.buffers])
        for parameter in network.parameters().values():
            parameter.gradient = None
    assert buffers[1] == buffers[2] == buffers[3] == buffers[4]


def test_each_thread_has_tapes_of_its_own():
    seen = []
    with Tape() as tape:
        assert current_tape() is tape
        thread = threading.Thread(target=lambda: seen.append(current_tape()))
        thread.start()
        thread.join()
    assert seen == [None]
    assert current_tape() is None


def test_tapes_nest_and_close_after_an_error():
    with Tape() as outer:
        with pytest.raises(ZeroDivisionError), Tape():
            _ = 1 / 0
        assert current_tape() is outer
    assert current_tape() is None


def test_backward_through_a_graph_with_shared_nodes_equals_central_differences():
    """A dense layer used twice, a shortcut, and a value that goes three ways."""
    shared, first, last = Dense(5), Dense(5, "relu"), Dense(2)
    for layer, size in ((first, 4), (shared, 5), (last, 5)):
        built(layer, (size,))
    x = np.random.default_rng(1).random((3, 4))
    weights = np.random.default_rng(2).random((3, 2))

    def run(x):
        a = first(x)
        b = Sigmoid()(shared(a))
        c = shared(Add()(a, b))
        return last(Add()(Add()(a, c), b))

    with Tape() as tape:
        variable = Variable(x, needs_gradient=True)
        output = run(variable)
        tape.backward(output, weights)
        parameters = [p for layer in (first, shared, last) for p in layer.stored().values()]
        pairs = [(x, variable.gradient)] + [(p.value, p.gradient) for p in parameters]
        pairs = [(array, gradient.copy()) for array, gradient in pairs]
    for array, gradient in pairs:
        assert_gradient(lambda: float((weights * run(x)).sum()), array, gradient)


def test_a_swapped_rule_serves_for_every_layer_of_its_type():
    network = built(Sequential([ReLU(), Flatten(), ReLU()]), (2, 2))
    with Tape(train=False) as tape:
        x = Variable(np.array([[[-1.0, 2.0], [3.0, -4.0]]]), needs_gradient=True)
        output = network(x)
        d_output = np.array([[1.0, -1.0, 1.0, 1.0]])
        tape.backward(output, d_output, {ReLU: lambda layer, d, cache, needs: (np.maximum(d, 0),)})
    np.testing.assert_array_equal(x.gradient, [[[1, 0], [1, 1]]])


def test_what_needs_no_gradient_is_not_noted():
    with Tape() as tape:
        output = ReLU()(Flatten()(np.ones((2, 3))))
        assert not output.needs_gradient
        assert tape.nodes == []


def test_frozen_parameters_get_no_gradient():
    network = built(Sequential([Dense(3), Dense(2)]), (4,))
    for parameter in network.layers[0].stored().values():
        parameter.trained = False
    with Tape() as tape:
        output = network(np.ones((2, 4)))
        assert len(tape.nodes) == 1
        tape.backward(output, np.ones((2, 2)))
    assert network.layers[0].weight.gradient is None
    assert network.layers[1].weight.gradient is not None
    assert list(network.parameters()) == ["1.weight", "1.bias"]


def test_each_call_of_dropout_draws_anew_and_each_step_too():
    dropout, x = Dropout(0.5), np.ones((4, 64), np.float32)
    draws = []
    for step in (0, 0, 1):
        with Tape(step=step, seed=3):
            draws += [dropout(x).value.copy(), dropout(x).value.copy()]
    assert not (draws[0] == draws[1]).all()
    assert (draws[0] == draws[2]).all()
    assert not (draws[0] == draws[4]).all()
    assert (dropout(x) == x).all()


def test_gradients_of_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="gradient"):
        Parameter(np.zeros(3), "bias").accumulate(np.zeros(4))
    with Tape() as tape:
        output = ReLU()(Variable(np.ones((2, 3)), needs_gradient=True))
        with pytest.raises(ValueError, match="d_output"):
            tape.backward(output, np.ones((3, 2)))


def test_a_variable_outside_a_tape_is_refused():
    with pytest.raises(ValueError, match="tape"):
        ReLU()(Variable(np.ones(3)))
