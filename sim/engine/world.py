"""The arrays of a run as one thing that compiled code takes as a single pointer.

Owns: `World` and how numba sees it. Never does: fill or change it.

A named tuple of sixty arrays would be copied, word by word, into every call and made numba
compile for minutes. A World is instead a table of addresses and shapes; compiled code gets the
table's address and `w.customers` becomes one load. Uncompiled, `w.customers` is the numpy array
itself: the same kernel runs both ways. The arrays stay alive as long as their World does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    NativeValue,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from sim.engine.inventory import FIELDS, READ_ONLY

_OFFSETS: dict[str, int] = {}
_words = 0
for _name, (_dtype, _ndim) in FIELDS.items():
    _OFFSETS[_name] = _words
    _words += 1 + _ndim


class World:
    """Every array of a run by name (see `inventory.FIELDS` for dtype, shape and meaning)."""

    __slots__ = ("__dict__", "_table", "address")

    def __init__(self, **arrays: NDArray[Any]) -> None:
        if arrays.keys() != FIELDS.keys():
            raise TypeError(f"arrays missing or unknown: {sorted(arrays.keys() ^ FIELDS.keys())}")
        table = np.zeros(_words, dtype=np.int64)
        for name, (dtype, ndim) in FIELDS.items():
            array = arrays[name]
            if array.dtype != dtype or array.ndim != ndim or not array.flags.c_contiguous:
                raise TypeError(f"{name} must be a contiguous {ndim}-dimensional array of {dtype}")
            at = _OFFSETS[name]
            table[at] = array.ctypes.data
            table[at + 1 : at + 1 + ndim] = array.shape
        self.__dict__.update(arrays)
        self._table = table
        self.address = table.ctypes.data

    def __getattr__(self, name: str) -> Any:  # for type checkers: names come from FIELDS
        raise AttributeError(name)

    def replaced(self, **arrays: NDArray[Any]) -> World:
        """The same world with some arrays replaced (by longer ones)."""
        return World(**{**self.__dict__, **arrays})


class WorldType(types.Type):
    """numba's type of a World: there is one, so code compiles once."""

    def __init__(self) -> None:
        super().__init__(name="World")


_WORLD = WorldType()


class FrozenRecord(types.Record):
    """A record that compiled code only reads: what was loaded once need not be loaded again."""


register_model(FrozenRecord)(models.RecordModel)


@cache
def _array_type(name: str) -> types.Array:
    dtype, ndim = FIELDS[name]
    item = numba.from_dtype(dtype)
    if name in READ_ONLY and isinstance(item, types.Record):
        fields = [(field, row._asdict()) for field, row in item.fields.items()]
        item = FrozenRecord(fields, item.size, item.aligned)  # type: ignore[arg-type]
    return types.Array(item, ndim, "C", aligned=True)


@lower_getattr_generic(FrozenRecord)
def _lower_frozen(context: Any, builder: Any, typ: FrozenRecord, pointer: Any, name: str) -> Any:
    field = context.get_data_type(typ.typeof(name))
    place = cgutils.get_record_member(builder, pointer, typ.offset(name), field)
    value = builder.load(place, align=typ.typeof(name).bitwidth // 8)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


@typeof_impl.register(World)
def _typeof(value: World, context: Any) -> WorldType:
    return _WORLD


register_model(WorldType)(models.OpaqueModel)


@unbox(WorldType)
def _unbox(typ: WorldType, obj: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(obj, "address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


@infer_getattr
class _WorldAttributes(AttributeTemplate):
    key = WorldType

    def generic_resolve(  # type: ignore[override]  # numba states no return type
        self, typ: WorldType, name: str
    ) -> types.Array | None:
        return _array_type(name) if name in FIELDS else None


@lower_getattr_generic(WorldType)
def _lower_attribute(context: Any, builder: Any, typ: WorldType, pointer: Any, name: str) -> Any:
    array_type = _array_type(name)
    word = ir.IntType(64)
    table = builder.bitcast(pointer, word.as_pointer())

    def load(place: int) -> Any:
        value = builder.load(cgutils.gep_inbounds(builder, table, _OFFSETS[name] + place))
        # The table does not change while compiled code runs: room is made between calls.
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
        return value

    item_size = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
    shape = [load(1 + d) for d in range(array_type.ndim)]
    strides: list[Any] = []
    step = context.get_constant(types.intp, item_size)
    for extent in reversed(shape):
        strides.insert(0, step)
        step = builder.mul(step, extent)
    array = context.make_array(array_type)(context, builder)
    populate_array(
        array,
        data=builder.inttoptr(load(0), context.get_data_type(array_type.dtype).as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=context.get_constant(types.intp, item_size),
        meminfo=None,
    )
    return array._getvalue()
