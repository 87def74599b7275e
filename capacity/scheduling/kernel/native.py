"""What differs between compiled and plain Python: array views from addresses, moving memory, counting bits.

Kept in one place so that every other kernel file reads the same in both worlds.
"""

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])
IntArray = npt.NDArray[np.int64]

INTERPRETED = bool(numba.config.DISABLE_JIT)

# No reference counting: every array is a view of memory that Python keeps alive for the whole call.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def kernel(function: F) -> F:
    """Mark a helper of the kernel; compiled into whichever entry point calls it."""
    compiled: F = numba.njit(**OPTIONS)(function)
    return compiled


def tiny(function: F) -> F:
    """Mark a helper of a few lines that must be inlined where it is used."""
    compiled: F = numba.njit(forceinline=True, **OPTIONS)(function)
    return compiled


if INTERPRETED:  # pragma: no cover - measured in the subprocess that runs interpreted

    @lru_cache(maxsize=4096)
    def _view(address: int, length: int, dtype: str) -> npt.NDArray[Any]:
        kind = {"i8": ctypes.c_int64, "i4": ctypes.c_int32, "f8": ctypes.c_double, "u8": ctypes.c_uint64}[dtype]
        return np.ctypeslib.as_array((kind * length).from_address(address))

    def i64(table: IntArray, index: int) -> npt.NDArray[np.int64]:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "i8")

    def i32(table: IntArray, index: int) -> npt.NDArray[np.int32]:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "i4")

    def u64(table: IntArray, index: int) -> npt.NDArray[np.uint64]:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "u8")

    def f64(table: IntArray, index: int) -> npt.NDArray[np.float64]:
        return _view(int(table[2 * index]), int(table[2 * index + 1]), "f8")

    def move(array: npt.NDArray[Any], to: int, origin: int, count: int) -> None:
        array[to : to + count] = array[origin : origin + count].copy()

    def lowest_bit(word: Any) -> int:
        value = int(word)
        return (value & -value).bit_length() - 1

    def bit_count(word: Any) -> int:
        return int(word).bit_count()

    def u(index: int) -> int:
        return int(index)

    def bit(index: int) -> Any:
        return np.uint64(1 << int(index))

else:

    @intrinsic
    def _pointer(typingctx: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], cgutils.voidptr_t)

        return types.voidptr(types.int64), codegen

    @numba.njit(forceinline=True)
    def i64(table: IntArray, index: int) -> npt.NDArray[np.int64]:
        """View array `index` of the table as int64."""
        return numba.carray(_pointer(table[2 * index]), (table[2 * index + 1],), np.int64)

    @numba.njit(forceinline=True)
    def i32(table: IntArray, index: int) -> npt.NDArray[np.int32]:
        """View array `index` of the table as int32."""
        return numba.carray(_pointer(table[2 * index]), (table[2 * index + 1],), np.int32)

    @numba.njit(forceinline=True)
    def u64(table: IntArray, index: int) -> npt.NDArray[np.uint64]:
        """View array `index` of the table as uint64."""
        return numba.carray(_pointer(table[2 * index]), (table[2 * index + 1],), np.uint64)

    @numba.njit(forceinline=True)
    def f64(table: IntArray, index: int) -> npt.NDArray[np.float64]:
        """View array `index` of the table as float64."""
        return numba.carray(_pointer(table[2 * index]), (table[2 * index + 1],), np.float64)

    @intrinsic
    def _memmove(typingctx: Any, array: Any, to: Any, origin: Any, count: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            array_type = signature.args[0]
            data = context.make_array(array_type)(context, builder, args[0]).data
            size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
            target = builder.gep(data, [args[1]])
            source = builder.gep(data, [args[2]])
            cgutils.raw_memmove(builder, target, source, args[3], size)
            return context.get_dummy_value()

        return types.void(array, types.int64, types.int64, types.int64), codegen

    @numba.njit(forceinline=True)
    def move(array: npt.NDArray[Any], to: int, origin: int, count: int) -> None:
        """Copy `count` elements within an array, ranges may overlap: element-wise shifting is the trap."""
        _memmove(array, to, origin, count)

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

    @numba.njit(forceinline=True)
    def u(index: int) -> Any:
        """Unsigned index: spares the wrap-around test numba adds for negative ones."""
        return np.uint64(index)

    @numba.njit(forceinline=True)
    def bit(index: int) -> Any:
        """Return the uint64 with bit `index` set."""
        return np.uint64(1) << np.uint64(index)
