"""Single products and layers as subjects of a race, ours or a rival's.

Subjects: `gemm MxNxK nt` (the letters say which of A, B is transposed) with the rival numpy, and
`conv NxHxC KxF` (square images and kernels, stride 1, the size kept) with the rival torch; modes
of a convolution: forward (with bias and rectifier), weights and input, the two gradients.
`pooled NxHxC KxF` is a convolution without padding, a rectifier and a 2 x 2 maximum.
"""

from collections.abc import Callable

import numpy as np

from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    convolve_pool,
    pooled_input_gradient,
    pooled_weight_gradient,
)
from rosenblatt.kernels.convolution.geometry import geometry
from rosenblatt.kernels.core.gemm import gemm


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split("x")]


def build(subject: str, mode: str, variant: str, threads: int) -> Callable[[], object]:
    kind, shape, rest = subject.split()
    if kind == "gemm":
        return _product(_numbers(shape), [letter == "t" for letter in rest], variant)
    arrays = _arrays(_numbers(shape), _numbers(rest))
    if kind == "pooled":
        return (
            _our_pooled(arrays, mode)
            if variant == "ours"
            else _torch_pooled(arrays, mode, variant, threads)
        )
    if variant == "ours":
        return _ours(arrays, mode)
    return _torch(arrays, mode, variant, threads)


def _product(shape: list[int], transpose: list[bool], variant: str) -> Callable[[], object]:
    M, N, K = shape
    rng = np.random.default_rng(0)
    a = rng.random((K, M) if transpose[0] else (M, K), np.float32)
    b = rng.random((N, K) if transpose[1] else (K, N), np.float32)
    out = np.empty((M, N), np.float32)
    if variant == "ours":
        return lambda: gemm(a, b, out, transpose=(transpose[0], transpose[1]))
    first, second = a.T if transpose[0] else a, b.T if transpose[1] else b
    return lambda: np.matmul(first, second, out=out)


def _arrays(shape: list[int], kernel: list[int]) -> tuple[np.ndarray, ...]:
    (N, H, C), (K, F) = shape, kernel
    rng = np.random.default_rng(0)
    x, weight = rng.random((N, H, H, C), np.float32), rng.random((K, K, C, F), np.float32)
    return x, weight, np.zeros(F, np.float32), rng.random((N, H, H, F), np.float32)


def _ours(arrays: tuple[np.ndarray, ...], mode: str) -> Callable[[], object]:
    x, weight, bias, d = arrays
    g = geometry(x.shape, weight.shape, 1, len(weight) // 2)
    if mode == "forward":
        out = np.empty_like(d)
        return lambda: convolve(x, weight, bias, g, 0.0, out)
    if mode == "weights":
        d_weight, d_bias = np.empty_like(weight), np.empty_like(bias)
        return lambda: convolution_weight_gradient(x, d, None, g, d_weight, d_bias)
    d_x = np.empty_like(x)
    return lambda: convolution_input_gradient(d, None, weight, g, d_x)


def _tensors(arrays: tuple[np.ndarray, ...], variant: str, threads: int):
    """Return the arrays as tensors of the variant's memory format."""
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    layout = torch.channels_last if variant == "channels_last" else torch.contiguous_format
    x, weight, bias, d = map(torch.from_numpy, arrays)
    x, d = (t.permute(0, 3, 1, 2).contiguous(memory_format=layout) for t in (x, d))
    weight = weight.permute(3, 2, 0, 1).contiguous(memory_format=layout)
    return x, weight, bias, d


def _torch(
    arrays: tuple[np.ndarray, ...], mode: str, variant: str, threads: int
) -> Callable[[], object]:
    import torch

    x, weight, bias, d = _tensors(arrays, variant, threads)
    padding = weight.shape[-1] // 2
    if mode == "forward":
        return lambda: torch.relu_(torch.nn.functional.conv2d(x, weight, bias, padding=padding))
    wanted = [False, True, True] if mode == "weights" else [True, False, False]
    places = [1, 1], [padding, padding], [1, 1]
    return lambda: torch.ops.aten.convolution_backward(
        d, x, weight, [weight.shape[0]], *places, False, [0, 0], 1, wanted
    )


def _our_pooled(arrays: tuple[np.ndarray, ...], mode: str) -> Callable[[], object]:
    x, weight, bias, _ = arrays
    g = geometry(x.shape, weight.shape, 1, 0)
    out = np.empty((len(x), g.output[0] // 2, g.output[1] // 2, g.F), np.float32)
    switches = np.empty(out.shape, np.uint8)
    convolve_pool(x, weight, bias, g, 2, 0.0, out, switches)
    if mode == "forward":
        return lambda: convolve_pool(x, weight, bias, g, 2, 0.0, out, switches)
    passed, d_weight, d_bias = (out, out, switches), np.empty_like(weight), np.empty_like(bias)
    if mode == "weights":
        return lambda: pooled_weight_gradient(x, *passed, g, 2, 0.0, d_weight, d_bias)
    d_x = np.empty_like(x)
    return lambda: pooled_input_gradient(*passed, weight, g, 2, 0.0, d_x)


def _torch_pooled(
    arrays: tuple[np.ndarray, ...], mode: str, variant: str, threads: int
) -> Callable[[], object]:
    import torch

    x, weight, bias, _ = _tensors(arrays, variant, threads)
    functional, aten = torch.nn.functional, torch.ops.aten

    def forward():
        full = torch.relu_(functional.conv2d(x, weight, bias))
        return full, *functional.max_pool2d(full, 2, return_indices=True)

    if mode == "forward":
        return forward
    full, d, indices = forward()
    window = [2, 2], [2, 2], [0, 0], [1, 1], False
    wanted = [False, True, True] if mode == "weights" else [True, False, False]

    def backward():
        d_full = aten.max_pool2d_with_indices_backward(d, full, *window, indices)
        d_full = aten.threshold_backward(d_full, full, 0)
        return aten.convolution_backward(
            d_full, x, weight, [len(bias)], [1, 1], [0, 0], [1, 1], False, [0, 0], 1, wanted
        )

    return backward
