"""Layers of networks, one family a file; see base.py for what a layer is."""

from rosenblatt.layers.activation import LeakyReLU, ReLU, Sigmoid, Tanh
from rosenblatt.layers.base import Layer, Module, from_description
from rosenblatt.layers.compose import Concat, Residual, Sequential
from rosenblatt.layers.dense import Dense
from rosenblatt.layers.shape import Add, Concatenate, Flatten

__all__ = [
    "Add",
    "Concat",
    "Concatenate",
    "Dense",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "Module",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "from_description",
]
