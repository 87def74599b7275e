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
        kinds = {"i8": ctypes.c_int64, "i4": ctypes.c_int32, "f8": ctypes.c_double, "u8": ctypes.c_uint64}
        kind: Any = kinds[dtype]
        return np.ctypeslib.as_array((kind * length).from_address(address))

    def _view_of(dtype: str) -> Any:
        return lambda table, index: _view(int(table[2 * index]), int(table[2 * index + 1]), dtype)

    i64, i32, u64, f64 = _view_of("i8"), _view_of("i4"), _view_of("u8"), _view_of("f8")

    # The docstrings are with the compiled twins below.
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

    def _view_as(dtype: Any) -> Any:
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

        return view

    i64, i32 = _view_as(types.int64), _view_as(types.int32)
    u64, f64 = _view_as(types.uint64), _view_as(types.float64)

    @intrinsic
    def move(typingctx: Any, array: Any, to: Any, origin: Any, count: Any) -> Any:
        """Copy `count` elements within an array, ranges may overlap: element-wise shifting is the trap."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            array_type = signature.args[0]
            data = context.make_array(array_type)(context, builder, args[0]).data
            item = context.get_data_type(array_type.dtype)
            size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(item))
            target = builder.gep(data, [args[1]])
            source = builder.gep(data, [args[2]])
            cgutils.raw_memmove(builder, target, source, args[3], size)
            return context.get_dummy_value()

        return types.void(array, types.int64, types.int64, types.int64), codegen

    def _of_word(result: Any, argument: Any, emit: Callable[[Any, Any], Any]) -> Any:
        """Make the intrinsic ``(word) -> result`` whose instruction `emit` has the builder make."""

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return emit(builder, args[0])

        @intrinsic
        def instruction(typingctx: Any, word: Any) -> Any:
            return result(argument), codegen

        return instruction

    _int, _word, _sure, _one = types.int64, types.uint64, ir.IntType(1)(1), ir.IntType(64)(1)
    # Index of the lowest set bit of a non-zero uint64, number of set bits, and the uint64 with one bit set.
    lowest_bit = _of_word(_int, _word, lambda to, word: to.cttz(word, _sure))
    bit_count = _of_word(_int, _word, lambda to, word: to.ctpop(word))
    bit = _of_word(_word, _int, lambda to, index: to.shl(_one, index))
    # Unsigned index: spares the wrap-around test numba adds for negative ones.
    u = _of_word(_word, _int, lambda _, index: index)
