"""Modules made of modules: one after the other, beside a shortcut, side by side."""

from collections.abc import Iterator
from typing import Any

from rosenblatt.layers.base import Module, Shape
from rosenblatt.layers.inputs import expect
from rosenblatt.layers.shape import Add, Concatenate
from rosenblatt.tape import Parameter

Layers = list[Module] | Module


def chain(layers: Layers) -> Module:
    """Return a list of layers as one module; a module is returned as it is. Raises UserError."""
    return layers if isinstance(layers, Module) else Sequential(layers)


def listed(layers: Any) -> list[Module]:
    """Return layers as a list. Raises UserError where they are none."""
    some = isinstance(layers, list | tuple)
    expect(some, f"layers are a list, such as [Dense(3)], not {layers!r}")
    for place, layer in enumerate(layers):
        expect(isinstance(layer, Module), f"layers[{place}] is not a layer, but {layer!r}")
    return list(layers)


class Sequential(Module):
    """Layers one after the other."""

    replays = True

    def __init__(self, layers: list[Module]) -> None:
        self.layers = listed(layers)

    def children(self) -> Iterator[tuple[str, Module | Parameter]]:
        return ((str(number), layer) for number, layer in enumerate(self.layers))

    def build(self, shape: Any, rng: Any) -> Shape:
        for layer in self.layers:
            shape = layer.build(shape, rng)
        return shape

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


class Residual(Module):
    """y = branch(x) + shortcut(x); an empty shortcut is x itself (He et al. 2016, equation 1)."""

    replays = True

    def __init__(self, branch: Layers, shortcut: Layers | None = None) -> None:
        self.branch = chain(branch)
        self.shortcut = chain(shortcut or [])
        self.add = Add()

    def build(self, shape: Any, rng: Any) -> Shape:
        return self.add.build((self.branch.build(shape, rng), self.shortcut.build(shape, rng)), rng)

    def __call__(self, x: Any) -> Any:
        return self.add(self.branch(x), self.shortcut(x))


class Concat(Module):
    """Branches from the same input, their channels side by side (Szegedy et al. 2015)."""

    replays = True

    def __init__(self, branches: list[Layers]) -> None:
        expect(
            isinstance(branches, list | tuple) and len(branches) > 0,
            f"branches are a list of lists of layers, not {branches!r}",
        )
        self.branches = [chain(branch) for branch in branches]
        self.join = Concatenate()

    def build(self, shape: Any, rng: Any) -> Shape:
        return self.join.build(tuple(b.build(shape, rng) for b in self.branches), rng)

    def __call__(self, x: Any) -> Any:
        return self.join(*(branch(x) for branch in self.branches))
