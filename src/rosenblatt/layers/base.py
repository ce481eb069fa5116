"""What a layer is: shapes at build, forward and backward side by side, nothing of a batch inside.

Shapes leave out the batch: images are (H, W, C), sequences (T, D), features (D,). Arrays are
C-contiguous, [N, H, W, C], [N, T, D], [N, D].
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from rosenblatt.tape import Parameter, Variable, current_tape

Shape = tuple[int, ...]
MODULES: dict[str, type["Module"]] = {}


class Module:
    """Something with parameters, found by walking its attributes in the order of their making.

    The constructor keeps each argument as an attribute of the same name, so that a module can be
    described by a dictionary and made again from it.
    """

    def __init_subclass__(cls) -> None:
        if not cls.__name__.startswith("_"):
            MODULES[cls.__name__] = cls

    def build(self, shape: Any, rng: np.random.Generator | None) -> Shape:
        """Create the parameters for inputs of `shape` and return the shape of the output.

        shape is a tuple of shapes where there are several inputs. Without a generator the weights
        are zeros, to be loaded. A second build keeps the parameters: a layer may stand in several
        places; ValueError where they do not fit.
        """
        raise NotImplementedError

    def __call__(self, *inputs: Any) -> Any:
        """Map arrays to an array, or within a tape Variables to a Variable."""
        raise NotImplementedError

    def children(self) -> Iterator[tuple[str, "Module | Parameter"]]:
        """Yield (dotted name, child), in order of definition; lists and dictionaries are opened."""
        for name, value in vars(self).items():
            if isinstance(value, Module | Parameter):
                yield name, value
            elif isinstance(value, list | tuple | dict):
                items = value.items() if isinstance(value, dict) else enumerate(value)
                for key, item in items:
                    if isinstance(item, Module | Parameter):
                        yield f"{name}.{key}", item

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Yield (dotted name, parameter) of this module and all below, shared ones repeated."""
        for name, child in self.children():
            if isinstance(child, Module):
                yield from child.walk(f"{prefix}{name}.")
            else:
                yield prefix + name, child

    def stored(self) -> dict[str, Parameter]:
        """Return all parameters by dotted name, running statistics included, each once."""
        seen: dict[int, tuple[str, Parameter]] = {}
        for name, parameter in self.walk():
            seen.setdefault(id(parameter), (name, parameter))
        return dict(seen.values())

    def parameters(self) -> dict[str, Parameter]:
        """Return the trained parameters by dotted name, each once."""
        return {name: p for name, p in self.stored().items() if p.trained}

    def state(self) -> dict[str, np.ndarray]:
        """Return the arrays that make up the module, by dotted name; not copies."""
        return {name: parameter.value for name, parameter in self.stored().items()}

    def load_state(self, state: dict[str, np.ndarray]) -> None:
        """Copy arrays into the parameters. Raises ValueError where names or shapes differ."""
        stored = self.stored()
        if stored.keys() != state.keys():
            odd = sorted(stored.keys() ^ state.keys())
            raise ValueError(f"parameters do not match: {', '.join(odd)}")
        for name, parameter in stored.items():
            if parameter.value.shape != state[name].shape:
                raise ValueError(
                    f"{name} has shape {parameter.value.shape}, not {state[name].shape}"
                )
        for name, parameter in stored.items():
            parameter.value[...] = state[name]

    def cast(self, dtype: Any) -> "Module":
        """Convert all parameters to a floating dtype, float64 for gradient checks."""
        for parameter in self.stored().values():
            parameter.value = parameter.value.astype(dtype)
        return self

    def describe(self) -> dict[str, Any]:
        """Return the type and the constructor's arguments, in types that JSON knows."""
        names = list(inspect.signature(type(self)).parameters)
        settings = {name: _plain(getattr(self, name)) for name in names}
        return {"type": type(self).__name__, **settings}


class Layer(Module):
    """One node of the graph: a forward rule, and the backward rule that the chain rule asks for.

    A subclass states `output_shape`, `forward` and `backward`, and `create` where it has
    parameters. `examples` lists (constructor's arguments, input shape) for the contract test.
    """

    examples: ClassVar[Sequence[tuple[dict[str, Any], Any]]] = ()
    forward: Callable[..., tuple[np.ndarray, Any]]  # (*inputs, train) -> output, cache of backward

    @property
    def window(self) -> tuple[int, int] | None:
        """Return size and stride of the window that one output sees; None where it sees all."""
        return 1, 1

    def output_shape(self, shape: Any) -> Shape:
        """Return the shape of the output. Raises ValueError where `shape` does not fit."""
        return shape

    def create(self, shape: Any, rng: np.random.Generator | None) -> None:
        """Create the parameters."""

    def build(self, shape: Any, rng: np.random.Generator | None) -> Shape:
        output = self.output_shape(shape)
        if not any(isinstance(child, Parameter) for _, child in self.children()):
            self.create(shape, rng)
        return output

    def multiply_adds(self, shape: Any) -> int:
        """Return the multiplications with addition of one sample's forward pass."""
        return 0

    def backward(
        self, d_output: np.ndarray, cache: Any, needs: tuple[bool, ...]
    ) -> tuple[np.ndarray | None, ...]:
        """Accumulate the parameters' gradients; return the inputs', None where not in `needs`.

        d_output is read only: other branches may share it.
        """
        raise NotImplementedError

    def has_trained_parameters(self) -> bool:
        """Return whether backward has a parameter to serve."""
        return any(isinstance(p, Parameter) and p.trained for p in vars(self).values())

    def __call__(self, *inputs: Any) -> Any:
        tape = current_tape()
        if tape is not None:
            return tape.apply(self, inputs)
        if any(isinstance(x, Variable) for x in inputs):
            raise ValueError("a Variable belongs to a tape; outside of one, layers take arrays")
        return self.forward(*inputs, train=False)[0]


def _plain(value: Any) -> Any:
    if isinstance(value, Module):
        return value.describe()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def from_description(description: Any) -> Any:
    """Make a module from what `describe` returned. Raises ValueError where it is none."""
    if isinstance(description, list):
        return [from_description(item) for item in description]
    if not isinstance(description, dict):
        return description
    settings = dict(description)
    name = settings.pop("type", None)
    if name not in MODULES:
        raise ValueError(f"unknown layer {name!r}; known are {', '.join(sorted(MODULES))}")
    try:
        return MODULES[name](**{key: from_description(item) for key, item in settings.items()})
    except TypeError as error:
        raise ValueError(f"layer {name}: {error}") from error


def expect(condition: bool, message: str) -> None:
    """Raise ValueError with the message unless the condition holds."""
    if not condition:
        raise ValueError(message)
