"""Modules made of modules: one after the other, beside a shortcut, side by side."""

from collections.abc import Iterator
from typing import Any

from rosenblatt.layers.base import Module, Shape
from rosenblatt.layers.shape import Add, Concatenate
from rosenblatt.tape import Parameter

Layers = list[Module] | Module


def chain(layers: Layers) -> Module:
    """Return a list of layers as one module; a module is returned as it is."""
    return layers if isinstance(layers, Module) else Sequential(layers)


class Sequential(Module):
    """Layers one after the other."""

    def __init__(self, layers: list[Module]) -> None:
        self.layers = list(layers)

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

    def __init__(self, branches: list[Layers]) -> None:
        self.branches = [chain(branch) for branch in branches]
        self.join = Concatenate()

    def build(self, shape: Any, rng: Any) -> Shape:
        return self.join.build(tuple(b.build(shape, rng) for b in self.branches), rng)

    def __call__(self, x: Any) -> Any:
        return self.join(*(branch(x) for branch in self.branches))
