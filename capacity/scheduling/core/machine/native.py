"""What differs between compiled and plain Python: array views from addresses, moving memory, counting bits.

Kept in one place so that every other kernel file reads the same in both worlds.
"""

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

F = TypeVar("F", bound=Callable[..., Any])
IntArray = npt.NDArray[np.int64]
AnyArray = npt.NDArray[Any]

if TYPE_CHECKING:

    def int64(value: Any) -> int:
        """Take a number as int64, whatever its column; each other type would compile a version of its own."""

    def flag(value: int) -> bool:
        """Take 0 or 1 as a truth value; a literal would compile a version of its own."""

else:
    int64, flag = np.int64, np.bool_

INTERPRETED = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]  # numba sets it at run time

# No reference counting (_nrt): every array is a view of memory that Python keeps alive for the whole call,
# and counting the table's references at every call of a helper took 40 % of a run.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False, "_nrt": False}
_HELPER: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: F) -> F:
    """Mark a helper of the kernel; compiled into whichever entry point calls it."""
    compiled: F = numba.njit(**_HELPER)(function)
    return compiled


def tiny(function: F) -> F:
    """Mark a helper of a few lines that must be inlined where it is used."""
    compiled: F = numba.njit(forceinline=True, **_HELPER)(function)
    return compiled


def pasted(function: F) -> F:
    """Mark an expression that is pasted where it is used: the only way to hand back a view of an array."""
    compiled: F = numba.njit(inline="always", **_HELPER)(function)
    return compiled


if INTERPRETED:  # pragma: no cover - measured in the subprocess that runs interpreted

    @lru_cache(maxsize=4096)
    def _view(address: int, length: int, dtype: str) -> AnyArray:
        kind: Any = {
            "i8": ctypes.c_int64,
            "i4": ctypes.c_int32,
            "f8": ctypes.c_double,
            "u8": ctypes.c_uint64,
        }[dtype]
        return np.ctypeslib.as_array((kind * length).from_address(address))

    # The docstrings are with the compiled twins below.
    def i64(table: IntArray, index: int) -> AnyArray:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "i8")

    def i32(table: IntArray, index: int) -> AnyArray:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "i4")

    def u64(table: IntArray, index: int) -> AnyArray:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "u8")

    def f64(table: IntArray, index: int) -> AnyArray:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "f8")

    def move(array: AnyArray, to: int, origin: int, count: int) -> None:
        array[to : to + count] = array[origin : origin + count].copy()

    def lowest_bit(word: Any) -> int:
        value = int(word)
        return (value & -value).bit_length() - 1

    def bit_count(word: Any) -> int:
        return int(word).bit_count()

    def u(index: Any) -> Any:
        return int(index)

    def bit(index: int) -> Any:
        return np.uint64(1 << int(index))

else:

    def _view_as(dtype: Any, description: str) -> Any:
        """Make the intrinsic ``(table, index) -> array``: a view of entry `index` of the table."""
        array_type = types.Array(dtype, 1, "C")

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            table = context.make_array(signature.args[0])(context, builder, args[0]).data
            place = builder.shl(args[1], ir.Constant(ir.IntType(64), 1))
            address = builder.load(builder.gep(table, [place]))
            length = builder.load(builder.gep(table, [builder.add(place, ir.Constant(ir.IntType(64), 1))]))
            item = context.get_data_type(dtype)
            size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(item))
            array = context.make_array(array_type)(context, builder)
            populate_array(
                array,
                data=builder.inttoptr(address, item.as_pointer()),
                shape=cgutils.pack_array(builder, [length]),
                strides=cgutils.pack_array(builder, [size]),
                itemsize=size,
                meminfo=None,
            )
            return array._getvalue()

        @intrinsic
        def view(typingctx: Any, table: Any, index: Any) -> Any:
            return array_type(table, types.int64), codegen

        view.__doc__ = description
        return view

    i64 = _view_as(types.int64, "View array `index` of the table as int64.")
    i32 = _view_as(types.int32, "View array `index` of the table as int32.")
    u64 = _view_as(types.uint64, "View array `index` of the table as uint64.")
    f64 = _view_as(types.float64, "View array `index` of the table as float64.")

    @intrinsic
    def move(typingctx: Any, array: Any, to: Any, origin: Any, count: Any) -> Any:
        """Copy `count` elements within an array, ranges may overlap: element-wise shifting is the trap."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            array_type = signature.args[0]
            data = context.make_array(array_type)(context, builder, args[0]).data
            size = ir.Constant(
                ir.IntType(64), context.get_abi_sizeof(context.get_data_type(array_type.dtype))
            )
            target = builder.gep(data, [args[1]])
            source = builder.gep(data, [args[2]])
            cgutils.raw_memmove(builder, target, source, args[3], size)
            return context.get_dummy_value()

        return types.void(array, types.int64, types.int64, types.int64), codegen

    @intrinsic
    def lowest_bit(typingctx: Any, word: Any) -> Any:
        """Index of the lowest set bit of a non-zero uint64."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.uint64), codegen

    @intrinsic
    def bit_count(typingctx: Any, word: Any) -> Any:
        """Count the set bits of a uint64."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.ctpop(args[0])

        return types.int64(types.uint64), codegen

    @intrinsic
    def u(typingctx: Any, index: Any) -> Any:
        """Unsigned index: spares the wrap-around test numba adds for negative ones."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return args[0]

        return types.uint64(types.int64), codegen

    @intrinsic
    def bit(typingctx: Any, index: Any) -> Any:
        """Return the uint64 with bit `index` set."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.shl(ir.Constant(ir.IntType(64), 1), args[0])

        return types.uint64(types.int64), codegen
