"""Compilation: the one door to numba's decorators, and the home of the compile cache.

Owns: `kernel` (a function that compiled code calls), `entry` (a cached compiled entry point),
`without` (the same entry point with switches fixed at 0), `wrapping` (integer hashing that wraps
silently). Never does: anything with a model.

numba does not notice a changed helper in another file: a cached caller would go on returning
the old answer. The cache therefore lies in a folder named by a hash of *all* compiled sources.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import cgutils, types
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILED_PLACES = ("jit.py", "rng.py", "state.py", "structures", "behaviours", "management",
                   "engine")
"""Files and folders of `sim` whose text decides what compiled code does."""


def source_hash(root: Path | None = None) -> str:
    """Hash of every compiled source file, in a fixed order."""
    root = Path(__file__).parent if root is None else root
    digest = hashlib.sha256()
    for place in COMPILED_PLACES:
        path = root / place
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> str | None:
    """A writable folder for compiled code, or None if there is nowhere to write."""
    named = os.environ.get("ORGSIM_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    # Where there is no home, Path.expanduser would raise; this leaves the path as it is.
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    bases = [Path(named)] if named else []
    bases += [Path(user) / "orgsim", Path(tempfile.gettempdir()) / f"orgsim-{os.getuid()}"]
    for base in bases:
        folder = base / source_hash()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return None


@contextlib.contextmanager
def _plain_indices() -> Iterator[None]:
    """While it lasts, numba compiles `a[i]` without asking whether i is negative.

    Python counts negative indices from the end, which costs a comparison and a choice at every
    access, some 15% of the event loop. Kernels never index with a negative number (a test
    watches every access of the uncompiled loop). Where a future numba has moved the function
    behind it, indices are asked again.
    """
    from numba.np import arrayobj

    original = getattr(arrayobj, "fix_integer_index", None)
    if original is None:
        yield
        return

    def as_it_is(context: Any, builder: Any, idxty: Any, idx: Any, size: Any) -> Any:
        return context.cast(builder, idx, idxty, types.intp if idxty.signed else types.uintp)

    arrayobj.fix_integer_index = as_it_is
    try:
        yield
    finally:
        arrayobj.fix_integer_index = original


def _fragments() -> dict[str, Any]:
    """Options that keep numba from optimising and assembling every kernel by itself.

    By default each compiled function is optimised, together with all it calls, and turned into
    machine code of its own, so that a helper five calls deep is compiled six times. Kernels are
    only ever called from an entry point: it links them and optimises the whole once. This uses
    numba's hook for a custom compiler (`pipeline_class`); where a future numba has moved what
    lies behind it, kernels compile the ordinary, slower way to the same code.
    """
    try:
        from numba.core.codegen import JITCodeLibrary
        from numba.core.compiler import Compiler

        class Fragment(JITCodeLibrary):
            """Code that is linked into others, never run by itself."""

            def _optimize_functions(self, ll_module: Any) -> None:
                ll_module.data_layout = self._codegen._data_layout

            def _optimize_final_module(self) -> None:
                """The entry point's library does it once for all."""

            def _finalize_final_module(self) -> None:
                self._finalize_dynamic_globals()
                self._finalized = True

        class FragmentCompiler(Compiler):
            """numba's own pipeline, stopping short of machine code."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.state.flags.no_compile = True
                self.state.flags.no_cpython_wrapper = True
                self.state.flags.no_cfunc_wrapper = True
                codegen = self.state.targetctx.codegen()
                self.state.library = Fragment(codegen, "kernel")

            def compile_extra(self, func: Any) -> Any:
                # numba keys its kernels by a builtin of their own. Should Python call the kernel
                # after all, this one raises a TypeError.
                key: Any = {}.update
                with _plain_indices():
                    result = super().compile_extra(func)
                result = result._replace(entry_point=key)
                self.state.targetctx.insert_user_function(key, result.fndesc, [result.library])
                return result

        for needed in ("_optimize_functions", "_optimize_final_module", "_finalize_final_module",
                       "_finalize_dynamic_globals"):
            if not hasattr(JITCodeLibrary, needed):
                return {}
        return {"pipeline_class": FragmentCompiler}
    except ImportError:
        return {}


_FRAGMENTS = {} if numba.config.DISABLE_JIT else _fragments()


def kernel(function: Function) -> Function:
    """Compile a function that compiled code calls; Python calls `plain(function)` instead."""
    return _linked(function, _FRAGMENTS)


def _linked(function: Function, options: Mapping[str, Any]) -> Function:
    """A kernel, compiled with these options of numba's."""
    dispatcher = numba.njit(function, error_model="numpy", **options)
    if not numba.config.DISABLE_JIT:
        template = dispatcher.get_call_template

        def without_literals(args: Any, kws: Any) -> Any:
            # Else numba compiles a kernel anew for every constant it is called with.
            return template([types.unliteral(a) for a in args],
                            {name: types.unliteral(a) for name, a in kws.items()})

        dispatcher.get_call_template = without_literals
    return dispatcher  # type: ignore[no-any-return]


def plain(function: Function) -> Function:
    """The uncompiled function behind a kernel, for a call from Python."""
    return getattr(function, "py_func", function)


def entry(function: Function) -> Function:
    """Compile an entry point: cached on disk, releasing the GIL."""
    return _cached(function, {})


def _cached(function: Function, options: Mapping[str, Any]) -> Function:
    """An entry point, compiled with these options of numba's."""
    if numba.config.DISABLE_JIT:
        return function
    folder = _cache_folder()
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = folder or ""
    try:
        return numba.njit(function, nogil=True, error_model="numpy",  # type: ignore[no-any-return]
                          cache=folder is not None, **options)
    finally:
        numba.config.CACHE_DIR = before


def wrapping(function: Function) -> Function:
    """A kernel whose unsigned arithmetic wraps on purpose; silent when not compiled, too."""
    if not numba.config.DISABLE_JIT:
        return kernel(function)

    @functools.wraps(function)
    def silent(*args: Any) -> Any:
        with np.errstate(over="ignore"):
            return function(*args)

    return silent  # type: ignore[return-value]


def without(function: Function, record: str, switches: Mapping[str, float], name: str) -> Function:
    """A second entry point of the same source in which `w.RECORD[0][SWITCH]` is the constant 0.

    What hangs on a switch is pruned before numba looks at types, and a kernel that only pruned
    code would call is never compiled. To be called only while those fields *are* 0: it then does
    what the entry point itself does, bit for bit. The kernels that mention no switch are shared.

    Args:
        function: An entry point.
        record: The array whose first record holds the switches, an attribute of its argument.
        switches: Field by field, the 0 (of the field's type) that stands for it.
        name: Word that tells its code in the cache from that of `function`.
    """
    if numba.config.DISABLE_JIT:
        return function
    compilers = _pruning(record, switches)
    if compilers is None:
        return function
    for_kernel, for_entry = compilers
    made: dict[Any, Any] = {}

    def pruned(dispatcher: Any) -> Any:
        """The kernel without the switches; itself if it and what it calls mention none."""
        if dispatcher not in made:
            inner = dispatcher.py_func
            names = own(inner)
            if names or switches.keys() & set(_constants(inner.__code__)):
                made[dispatcher] = _linked(rebound(inner, names), for_kernel)
            else:
                made[dispatcher] = dispatcher
        return made[dispatcher]

    def own(inner: Any) -> dict[str, Any]:
        """Kernels that a function calls by name, where they differ."""
        called = {n: inner.__globals__[n] for n in inner.__code__.co_names
                  if isinstance(inner.__globals__.get(n), Dispatcher)}
        return {n: pruned(k) for n, k in called.items() if pruned(k) is not k}

    def rebound(inner: Any, names: dict[str, Any]) -> Any:
        """The function with names of kernels bound anew."""
        copy = FunctionType(inner.__code__, {**inner.__globals__, **names}, inner.__name__,
                            inner.__defaults__, inner.__closure__)
        copy.__qualname__ = f"{inner.__qualname__}_{name}"
        copy.__module__ = inner.__module__
        return copy

    outer = plain(function)
    return _cached(rebound(outer, own(outer)), for_entry)  # type: ignore[no-any-return]


def _constants(code: CodeType) -> list[str]:
    """The names of fields a function may read."""
    return [c for c in code.co_consts if isinstance(c, str)]


def _pruning(record: str, switches: Mapping[str, float]) -> tuple[dict[str, Any], ...] | None:
    """Options for kernels and for entry points in which switches are 0; None if numba cannot."""
    try:
        from numba.core import ir
        from numba.core.compiler import Compiler
        from numba.core.compiler_machinery import FunctionPass, register_pass
        from numba.core.ir_utils import build_definitions, get_definition, guard
        from numba.core.untyped_passes import IRProcessing
    except ImportError:
        return None

    def field(code: Any, value: Any) -> str | None:
        """The switch an expression reads, if it is one: w.RECORD[0]["SWITCH"]."""
        def item(expression: Any) -> tuple[Any, Any]:
            if isinstance(expression, ir.Expr) and expression.op == "getitem":
                index = guard(get_definition, code, expression.index)
                if isinstance(index, ir.Const):
                    return guard(get_definition, code, expression.value), index.value
            return None, None

        row, name = item(value)
        if name not in switches:
            return None
        rows, place = item(row)
        if place == 0 and isinstance(rows, ir.Expr) and rows.op == "getattr" and (
            rows.attr == record
        ):
            return str(name)
        return None

    @register_pass(mutates_CFG=False, analysis_only=False)
    class Fixed(FunctionPass):
        """Puts 0 where a switch is read; numba prunes what can then not happen."""

        _name = "fixed_switches"

        def __init__(self) -> None:
            super().__init__()

        def run_pass(self, state: Any) -> bool:
            code = state.func_ir
            for block in code.blocks.values():
                for line in block.find_insts(ir.Assign):
                    found = field(code, line.value)
                    if found is not None:
                        line.value = ir.Const(switches[found], line.loc)
            code._definitions = build_definitions(code.blocks)
            return True

    def with_pass(base: Any) -> dict[str, Any]:
        class Pruning(base):  # type: ignore[misc]
            """numba's pipeline with switches fixed early on."""

            def define_pipelines(self) -> Any:
                pipelines = super().define_pipelines()
                pipelines[0].add_pass_after(Fixed, IRProcessing)
                pipelines[0].finalize()
                return pipelines

        return {"pipeline_class": Pruning}

    return with_pass(_FRAGMENTS.get("pipeline_class", Compiler)), with_pass(Compiler)


@intrinsic
def _trailing_zeros(typing_context: Any, mask: Any) -> Any:
    """The machine's count of trailing zeros of a 64-bit word."""
    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], cgutils.true_bit)

    return types.int64(types.int64), lower


if numba.config.DISABLE_JIT:

    def lowest(mask: int) -> int:
        """Index of the lowest set bit of a mask that is not 0."""
        return (int(mask) & -int(mask)).bit_length() - 1

else:

    @kernel
    def lowest(mask: int) -> int:
        """Index of the lowest set bit of a mask that is not 0."""
        return _trailing_zeros(mask)  # type: ignore[call-arg]
