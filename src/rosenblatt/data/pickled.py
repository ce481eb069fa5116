"""A reader of pickles that makes nothing but numbers, texts, lists, tuples and dicts.

Python's own runs what a pickle says. This one knows the operations that hold data, and of classes
and functions a few names: whatever is made by one of them becomes a `Named`, and nothing is called.
Operations as in CPython's Lib/pickletools.py, protocols 2 to 5.
"""

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.data.source import Source
from rosenblatt.errors import UserError

LARGEST = 1 << 25  # bytes of a file; what it holds may take 70 times as many
CURE = "save it again with pickle.dump(..., protocol=4), or fix the file"
ARRAY = "numpy.ndarray"
MADE = ("numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct")
DTYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")
STOP = 0x2E


@dataclass(eq=False)
class Named:
    """A class; or, with arguments, what it makes of them; state: what that was set to."""

    name: str
    arguments: tuple[Any, ...] | None = None
    state: Any = None


def read_pickle(source: Source, names: tuple[str, ...]) -> Any:
    """Return what a pickle holds: numbers, texts, lists, dicts, tuples, None and Named.

    names: of classes, as module.name, that may stand in it beside NumPy's of arrays.
    Raises UserError for another name or operation, and a file that is damaged or too large.
    """
    with source.open_bytes() as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UserError(f"{source}: a pickle of more than {LARGEST:,} bytes; split or fix it.")
    reader = _Reader(data, names)
    try:
        return reader.run()
    except UserError as error:
        raise UserError(f"{source}: byte {reader.place}: {error}; {CURE}.") from error
    except (IndexError, struct.error, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"{source}: byte {reader.place}: is damaged, or ends here; {CURE}."
        ) from error


def array_of(value: Any) -> np.ndarray:
    """Return an array of numbers that a pickle holds, a copy.

    Raises UserError where it is none, of other types, or of more or fewer bytes than it says.
    """
    fits = isinstance(value, Named) and value.name in MADE and isinstance(value.state, tuple)
    if not fits or len(value.state) != 5:
        raise UserError("is not an array of numbers")
    _, shape, dtype, by_columns, content = value.state
    code = dtype.arguments[0] if isinstance(dtype, Named) and dtype.arguments else None
    order = dtype.state[1] if code in DTYPES and isinstance(dtype.state, tuple) else None
    whole = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
    if order not in ("<", ">", "|") or not whole or not isinstance(content, bytes):
        raise UserError("is not an array of numbers")
    numbers = np.dtype(order + code)
    if len(content) != math.prod(shape) * numbers.itemsize:
        raise UserError(f"is an array of {len(content)} bytes that claims to be {shape}")
    return np.frombuffer(content, numbers).reshape(shape, order="F" if by_columns else "C").copy()


class _Reader:
    """What has been read: the stack, those below its marks, and what is remembered."""

    def __init__(self, data: bytes, names: tuple[str, ...]) -> None:
        self.data, self.place = data, 0
        self.called = {"numpy.dtype", *MADE}
        self.made = {*names}
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: list[Any] = []

    def run(self) -> Any:
        """Return what lies on the stack at the end."""
        steps = dict(self._steps())
        data = self.data
        while (code := data[self.place]) != STOP:
            self.place += 1
            if code not in steps:
                raise UserError(f"has operation 0x{code:02x}, which holds no data")
            steps[code]()
        if self.place + 1 < len(data) or len(self.stack) != 1 or self.below:
            raise UserError("goes on where it should end")
        return self.stack[0]

    def _steps(self) -> Iterator[tuple[int, Callable[[], Any]]]:
        """Yield for each operation that holds data what it does."""
        for code, value in self._values().items():
            yield code[0], lambda value=value: self._push(value())  # type: ignore[misc]
        yield 0x80, lambda: self._take(1)  # the protocol
        yield 0x95, lambda: self._take(8)  # the length of a frame
        yield ord("("), self._mark
        yield ord("a"), lambda: self._extend([self.stack.pop()])
        yield ord("e"), lambda: self._extend(self._marked())
        yield ord("s"), lambda: self._set(list(self._tuple(2)))
        yield ord("u"), lambda: self._set(self._marked())
        yield ord("b"), self._build
        yield 0x94, lambda: self.memo.append(self.stack[-1])
        yield ord("q"), lambda: self._remember(self._byte())
        yield ord("r"), lambda: self._remember(self._number("<I"))

    def _values(self) -> dict[bytes, Callable[[], Any]]:
        """Return for each operation that puts a value on the stack what makes the value."""
        take, number = self._take, self._number
        return {
            b"N": lambda: None,
            b"\x88": lambda: True,
            b"\x89": lambda: False,
            b")": tuple,
            b"]": list,
            b"}": dict,
            b"K": self._byte,
            b"M": lambda: number("<H"),
            b"J": lambda: number("<i"),
            b"G": lambda: number(">d"),
            b"\x8a": lambda: int.from_bytes(take(number("<B")), "little", signed=True),
            b"\x8c": lambda: take(number("<B")).decode(),
            b"X": lambda: take(number("<I")).decode(),
            b"C": lambda: take(number("<B")),
            b"B": lambda: take(number("<I")),
            b"\x8e": lambda: take(number("<Q")),
            b"t": lambda: tuple(self._marked()),
            b"\x85": lambda: self._tuple(1),
            b"\x86": lambda: self._tuple(2),
            b"\x87": lambda: self._tuple(3),
            b"h": lambda: self.memo[self._byte()],
            b"j": lambda: self.memo[number("<I")],
            b"c": lambda: self._name(self._line(), self._line()),
            b"\x93": lambda: self._name(*self._tuple(2)),
            b"\x81": lambda: self._make(self.made),
            b"R": lambda: self._make(self.called),
        }

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def _take(self, size: int) -> bytes:
        start = self.place
        self.place += size
        if self.place > len(self.data):
            raise UserError(f"ends within {size:,} bytes")
        return self.data[start : self.place]

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _line(self) -> str:
        start = self.place
        self.place = self.data.index(b"\n", start) + 1
        return self.data[start : self.place - 1].decode()

    def _mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def _marked(self) -> list[Any]:
        found, self.stack = self.stack, self.below.pop()
        return found

    def _tuple(self, size: int) -> tuple[Any, ...]:
        found = tuple(self.stack[-size:])
        if len(found) < size:
            raise IndexError
        del self.stack[-size:]
        return found

    def _extend(self, items: list[Any]) -> None:
        into = self.stack[-1]
        if type(into) is not list:
            raise TypeError
        into.extend(items)

    def _set(self, items: list[Any]) -> None:
        into, keys = self.stack[-1], items[::2]
        if type(into) is not dict or len(items) % 2:
            raise TypeError
        for key, value in zip(keys, items[1::2], strict=True):
            if type(key) is not int and type(key) is not str:
                raise UserError(f"has a key that is a {type(key).__name__}, no number or text")
            into[key] = value

    def _remember(self, place: int) -> None:
        if place > len(self.memo):
            raise UserError(f"remembers place {place:,} before place {len(self.memo):,}")
        self.memo[place : place + 1] = [self.stack[-1]]

    def _name(self, module: Any, name: Any) -> Named:
        full = f"{module}.{name}"
        if full not in self.made | self.called | {ARRAY, "builtins.dict"}:
            raise UserError(
                f"names {full[:80]!r}, which is not one of those known, and is not made"
            )
        return Named(full)

    def _make(self, names: set[str]) -> Named:
        maker, arguments = self._tuple(2)
        fits = type(maker) is Named and maker.arguments is None and maker.name in names
        if not fits or type(arguments) is not tuple:
            raise UserError("makes something of what makes nothing")
        return Named(maker.name, arguments)

    def _build(self) -> None:
        state = self.stack.pop()
        made = self.stack[-1]
        if type(made) is not Named or made.arguments is None:
            raise TypeError
        made.state = state
