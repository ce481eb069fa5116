"""What a layer is: shapes at build, forward and backward side by side, nothing of a batch inside.

Shapes leave out the batch: images are (H, W, C), sequences (T, D), features (D,). Arrays are
C-contiguous, [N, H, W, C], [N, T, D], [N, D].
"""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import wraps
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rosenblatt.errors import UserError, meant
from rosenblatt.layers.inputs import arity, as_input, check_shape
from rosenblatt.ranges import Range, Whole
from rosenblatt.shown import as_html, call
from rosenblatt.tape import Parameter, Variable, current_tape

Shape = tuple[int, ...]
Settings = dict[str, Range]  # what each of a constructor's arguments may be
SIZE = Whole(1, 2**24)  # of a layer: units, filters, pixels


class UnknownLayerError(UserError):
    """A description names a layer that no imported module defines."""


MODULES: dict[str, type["Module"]] = {}


class Cache(NamedTuple):
    """What a call of `forward` leaves for its `backward`: what the layer kept, and the call's form.

    shape and dtype are the output's, which its gradient must have; inputs counts those given.
    """

    kept: Any
    shape: Shape
    dtype: np.dtype
    inputs: int


class Module:
    """Something with parameters, found by walking its attributes in the order of their making.

    The constructor keeps each argument as an attribute of the same name, so that a module can be
    described by a dictionary and made again from it.

    A class says `replays = True` of itself, not of its subclasses, where a call in training, and
    its way back, is kernels and what is called by `do` (kernels/core/capture.py): the same on the
    same memory for all inputs of one form, whatever numbers they hold.
    """

    replays: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        name = cls.__name__
        if name.startswith("_"):
            return
        known, home = MODULES.get(name, cls), "rosenblatt."
        if known.__module__.startswith(home) and not cls.__module__.startswith(home):
            raise UserError(
                f"{name} is the name of a layer of ours, and saved networks are made again by the "
                "names of their layers; give yours another name."
            )
        MODULES[name] = cls

    def __repr__(self) -> str:
        return call(self)

    def _repr_html_(self) -> str:
        rows = [(name, p.value.shape, f"{p.value.size:,}") for name, p in self.stored().items()]
        return as_html(call(self), [("parameter", "shape", "numbers"), *rows])

    def build(self, shape: Any, rng: np.random.Generator | None) -> Shape:
        """Create the parameters for inputs of `shape` and return the shape of the output.

        shape is a tuple of shapes where there are several inputs. Without a generator the weights
        are zeros, to be loaded. A second build keeps the parameters: a layer may stand in several
        places; UserError where they do not fit.
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
        """Copy arrays into the parameters. Raises UserError where names or shapes differ."""
        stored = self.stored()
        if stored.keys() != state.keys():
            odd = sorted(stored.keys() ^ state.keys())
            raise UserError(
                f"parameters do not match: {', '.join(odd)}; load into a network of equal layers."
            )
        for name, parameter in stored.items():
            if parameter.value.shape != np.shape(state[name]):
                raise UserError(
                    f"{name} has shape {parameter.value.shape}, not {np.shape(state[name])}; load "
                    "into a network of equal layers."
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
    parameters. `settings` tells what the constructor's arguments may be. `examples` lists
    (constructor's arguments, input shape) for the contract test.

    forward sees only what `receive` and `output_shape` have passed: a wrong input raises UserError
    before a kernel reads it, and backward only a gradient of the output's shape. Where nothing but
    the inputs' form decides, a call of the form of the call before is not looked at again. Numbers
    that are not finite go through a layer, and stay what they are; it is `train.Network` that
    refuses them.
    """

    settings: ClassVar[Settings] = {}
    examples: ClassVar[Sequence[tuple[dict[str, Any], Any]]] = ()
    arity: ClassVar[tuple[float, float]] = (1, 1)  # of inputs, the least and the most
    accepted: Any = None  # the form of the last call that was received as it came
    forward: Callable[..., tuple[np.ndarray, Any]]  # (*inputs, train) -> output, cache of backward

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "forward" in vars(cls):
            cls.arity = arity(cls.forward)
            cls.forward = _checked(cls.forward)
        if "backward" in vars(cls):
            cls.backward = _checked_backward(cls.backward)  # type: ignore[method-assign]

    @property
    def window(self) -> tuple[int, int | Fraction] | None:
        """Return size and stride of the window that one output sees; None where it sees all."""
        return 1, 1

    @property
    def windows(self) -> Any:
        """Return `window` for rows and for columns, where they may differ."""
        return None if self.window is None else (self.window, self.window)

    def output_shape(self, shape: Any) -> Shape:
        """Return the shape of the output. Raises UserError where `shape` does not fit."""
        return shape

    def create(self, shape: Any, rng: np.random.Generator | None) -> None:
        """Create the parameters."""

    def build(self, shape: Any, rng: np.random.Generator | None) -> Shape:
        check_shape(shape)
        self._check_arity(len(shape) if shape and isinstance(shape[0], tuple) else 1)
        if rng is not None and not isinstance(rng, np.random.Generator):
            raise UserError(f"rng = {rng!r}: give numpy.random.default_rng(seed), or None.")
        output = self.output_shape(shape)
        if self._first_parameter() is None:
            self.create(shape, rng)
        return output

    def receive(self, place: int, x: Any, dtype: np.dtype) -> np.ndarray:
        """Return the input at a place as an array of `dtype`. Raises UserError as as_input."""
        return as_input(x, dtype)

    def received(self, inputs: tuple[Any, ...]) -> tuple[np.ndarray | None, ...]:
        """Return the inputs of a call as arrays that fit the layer and each other.

        Raises UserError: the layer is not built, or an input is no array of numbers, has no rows,
        other rows than the first, or a shape that output_shape refuses.
        """
        self._check_arity(len(inputs))
        parameter = self._first_parameter()
        if parameter is None and type(self).create is not Layer.create:
            raise UserError(
                f"this {type(self).__name__} has no weights yet: call build(shape, rng) first, or "
                "put it into a Network."
            )
        dtype = _floating(inputs[0]) if parameter is None else parameter.value.dtype
        arrays = tuple(
            None if x is None else self.receive(place, x, dtype) for place, x in enumerate(inputs)
        )
        rows = {len(x) for x in arrays if x is not None}
        least, most = self.arity
        if any(x is None for x in (arrays[: int(least)] if most < math.inf else arrays)):
            raise UserError(f"a {type(self).__name__} was not given all inputs that it needs.")
        if len(rows) > 1:
            raise UserError(f"inputs of {_listed(rows)} rows; give each the same.")
        self.fit_shapes(tuple(None if x is None else x.shape[1:] for x in arrays))
        return arrays

    def fit_shapes(self, shapes: tuple[Any, ...]) -> None:
        """Raise UserError where the shapes of a call's inputs (None: not given) do not fit."""
        self.output_shape(shapes[0] if len(shapes) == 1 else shapes)

    def _check_arity(self, count: int) -> None:
        least, most = self.arity
        if not least <= count <= most:
            wanted = f"{least:g}" if least == most else f"{least:g} to {most:g}"
            raise UserError(f"a {type(self).__name__} takes {wanted} inputs, not {count}.")

    def _form(self, inputs: tuple[Any, ...]) -> Any:
        """Return all that `received` goes by, or None where it must look at what it was given."""
        if type(self).receive is not Layer.receive:
            return None
        parameter = self._first_parameter()
        form = [] if parameter is None else [parameter.value.shape, parameter.value.dtype]
        for x in inputs:
            if type(x) is not np.ndarray or not x.flags.c_contiguous:
                return None
            form += (x.shape, x.dtype)
        return form

    def _first_parameter(self) -> Parameter | None:
        for value in vars(self).values():
            if isinstance(value, Parameter):
                return value
        return None

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
            raise UserError("a Variable belongs to a tape; outside of one, layers take arrays.")
        return self.forward(*inputs, train=False)[0]


def _checked(forward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(forward)
    def run(self: Layer, *inputs: Any, train: bool) -> tuple[np.ndarray, Cache]:
        form = self._form(inputs)
        if form is None or form != self.accepted:
            arrays = self.received(inputs)
            same = all(x is array for x, array in zip(inputs, arrays, strict=True))
            self.accepted, inputs = form if same else None, arrays
        output, kept = forward(self, *inputs, train=train)
        return output, Cache(kept, output.shape, output.dtype, len(inputs))

    return run


def _checked_backward(backward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(backward)
    def run(self: Layer, d_output: Any, cache: Cache, needs: tuple[bool, ...]) -> Any:
        if not isinstance(cache, Cache) or len(needs) != cache.inputs:
            raise UserError(
                f"backward of a {type(self).__name__} takes d_output, the cache that forward "
                "returned, and for each input of that call whether its gradient is needed."
            )
        d_output = as_input(d_output, cache.dtype, "d_output")
        if d_output.shape != cache.shape:
            raise UserError(f"d_output of shape {d_output.shape} for outputs of {cache.shape}.")
        return backward(self, d_output, cache.kept, needs)

    return run


def _floating(x: Any) -> np.dtype:
    dtype = getattr(x, "dtype", None)
    return dtype if dtype in (np.float32, np.float64) else np.dtype(np.float32)


def _listed(values: set[int]) -> str:
    return " and ".join(map(str, sorted(values)))


def _plain(value: Any) -> Any:
    if isinstance(value, Module):
        return value.describe()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def from_description(description: Any) -> Any:
    """Make a module from what `describe` returned. Raises UserError where it is none."""
    if isinstance(description, list):
        return [from_description(item) for item in description]
    if not isinstance(description, dict):
        return description
    settings = dict(description)
    name = settings.pop("type", None)
    if name not in MODULES:
        raise UnknownLayerError(
            f"unknown layer {name!r}; if it is one of your own, import the module that defines it "
            f"first. Known are {', '.join(sorted(MODULES))}."
        )
    known = inspect.signature(MODULES[name]).parameters
    for key in settings.keys() - known.keys():
        raise UserError(f"layer {name}: unknown setting {key!r}; {meant(key, known)}")
    for key, parameter in known.items():
        if parameter.default is parameter.empty and key not in settings:
            raise UserError(f"layer {name}: its {key} is missing; save the network again.")
    try:
        return MODULES[name](**{key: from_description(item) for key, item in settings.items()})
    except UnknownLayerError:
        raise
    except (TypeError, UserError) as error:
        raise UserError(f"layer {name}: {str(error).rstrip('.')}.") from error
