"""Layers of networks, one family a file; see base.py for what a layer is."""

from rosenblatt.layers.activation import (
    ELU,
    GELU,
    HardSigmoid,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from rosenblatt.layers.attention import Attention
from rosenblatt.layers.base import Layer, Module, from_description
from rosenblatt.layers.compose import Concat, Residual, Sequential
from rosenblatt.layers.convolution import Convolution, Convolution1D
from rosenblatt.layers.dense import Dense
from rosenblatt.layers.dot_product_attention import DotProductAttention, MultiHeadAttention
from rosenblatt.layers.dropout import Dropout
from rosenblatt.layers.embedding import Embedding
from rosenblatt.layers.grid import GridRecurrent
from rosenblatt.layers.group_normalisation import (
    GroupNormalisation,
    LayerNormalisation,
    RMSNormalisation,
)
from rosenblatt.layers.maxout import Maxout
from rosenblatt.layers.normalisation import BatchNormalisation
from rosenblatt.layers.periodic import Periodic
from rosenblatt.layers.pooling import (
    AveragePooling,
    AveragePooling1D,
    GlobalAverage,
    GlobalAverage1D,
    MaxPooling,
    MaxPooling1D,
)
from rosenblatt.layers.prelu import PReLU
from rosenblatt.layers.recurrent import GRU, LSTM, Elman
from rosenblatt.layers.regions import PyramidPooling, RegionPooling
from rosenblatt.layers.response import LocalResponseNormalisation
from rosenblatt.layers.scale import Channels, Scale
from rosenblatt.layers.shape import Add, Concatenate, Flatten
from rosenblatt.layers.steps import Columns, JoinSteps, RepeatSteps
from rosenblatt.layers.topology import Bidirectional, OutputFeedback, Stack
from rosenblatt.layers.upsampling import TransposedConvolution, Unpooling, UpSampling

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "Add",
    "Attention",
    "AveragePooling",
    "AveragePooling1D",
    "BatchNormalisation",
    "Bidirectional",
    "Channels",
    "Columns",
    "Concat",
    "Concatenate",
    "Convolution",
    "Convolution1D",
    "Dense",
    "DotProductAttention",
    "Dropout",
    "Elman",
    "Embedding",
    "Flatten",
    "GlobalAverage",
    "GlobalAverage1D",
    "GridRecurrent",
    "GroupNormalisation",
    "HardSigmoid",
    "JoinSteps",
    "Layer",
    "LayerNormalisation",
    "LeakyReLU",
    "LocalResponseNormalisation",
    "MaxPooling",
    "MaxPooling1D",
    "Maxout",
    "Module",
    "MultiHeadAttention",
    "OutputFeedback",
    "PReLU",
    "Periodic",
    "PyramidPooling",
    "RMSNormalisation",
    "ReLU",
    "RegionPooling",
    "RepeatSteps",
    "Residual",
    "Scale",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Stack",
    "Tanh",
    "TransposedConvolution",
    "Unpooling",
    "UpSampling",
    "from_description",
]
