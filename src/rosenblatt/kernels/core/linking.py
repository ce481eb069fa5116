"""How kernels are compiled with those that they call: each is optimised once, where it is run.

Numba optimises a function, makes machine code of it, links it into whoever calls it, and does both
again there, at each level of calls; the body of a `prange` goes through that four times. Here what
only other kernels call is no more than linked: it goes through LLVM as a part of the kernel that
Python calls, and has machine code nowhere else.

Arrays that kernels make begin at a cache line. Numba's begin at half of one, as chance has it: each
vector of a packed panel then lies in two lines, and a matrix product takes a seventh longer.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import binding, ir
from numba.core import cgutils
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import AnalysisPass, PassManager, register_pass
from numba.core.cpu import CPUContext
from numba.core.typed_passes import ParforPreLoweringPass
from numba.parfors.parfor import Parfor

from rosenblatt.display import FIRST_RUN
from rosenblatt.kernels.core.workspace import ALIGNMENT

WRAPPERS = "_ZN7cpython", "cfunc."  # how the names begin of what Python, and C, calls
ENVIRONMENT = "_ZN08NumbaEnv"  # and those of a kernel's Python objects


WIDE_LOOPS = '"prefer-vector-width"="512"'  # an attribute of functions, in bits


class LinkedLibrary(JITCodeLibrary):
    """The code of a kernel and of what it calls, compiled if it can be called from outside."""

    _final_module: Any

    def add_ir_module(self, ir_module: ir.Module) -> None:
        """Add functions whose loops fill registers of 16 floats, where there are such.

        By itself LLVM fills half of them on Intel's processors: the first that had them slowed
        down. A transformer's step takes a tenth less, by its error functions and exponentials.
        """
        for function in ir_module.functions:
            if not function.is_declaration:
                set.add(function.attributes, WIDE_LOOPS)  # llvmlite's own `add` knows few names
        super().add_ir_module(ir_module)

    def _optimize_functions(self, ll_module: Any) -> None:
        """Bring functions into a form that is short and easy to inline, and leave out what counts
        references in vain; all else is done once, with what they are linked into."""
        ll_module.data_layout = self._codegen._data_layout
        builder, passes = self._codegen._pass_builder(), binding.create_new_function_pass_manager()
        passes.add_sroa_pass()
        passes.add_simplify_cfg_pass()
        passes.add_instruction_combine_pass()
        passes.add_refprune_pass()
        for function in ll_module.functions:
            if not function.is_declaration:
                passes.run(function, builder)

    def finalize(self) -> None:
        if any(function.name.startswith(WRAPPERS) for function in self._final_module.functions):
            super().finalize()
        else:
            self._link()

    def _link(self) -> None:
        """Make of all code a module to link, and leave of it what Numba looks for in memory."""
        self._raise_if_finalized()
        linked = self._final_module
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init |= library._reload_init
            linked.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        for function in linked.functions:
            if not function.is_declaration and function.linkage == binding.Linkage.external:
                function.linkage = "linkonce_odr"  # goes where it is not called, or inlined
        self._shared_module = linked
        left = self._codegen._create_empty_module(self.name)
        for variable in linked.global_variables:
            if variable.name.startswith(ENVIRONMENT):
                place = ir.GlobalVariable(left, cgutils.voidptr_t, variable.name)
                place.linkage, place.initializer = "common", ir.Constant(cgutils.voidptr_t, None)
        self._final_module = binding.parse_assembly(str(left))
        self._finalize_final_module()

    def get_function(self, name: str) -> Any:
        return (self._shared_module or self._final_module).get_function(name)


@register_pass(mutates_CFG=False, analysis_only=True)
class BareLoops(AnalysisPass):
    """Keeps Python's wrapper off the bodies of `prange`."""

    _name = "bare_loops"

    def __init__(self) -> None:
        AnalysisPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        for block in state.func_ir.blocks.values():
            for loop in block.find_insts(Parfor):
                loop.flags = loop.flags.copy()
                loop.flags.no_cpython_wrapper = True
        return False


class KernelCompiler(Compiler):
    """Compiles a kernel, and what Numba compiles for it, into linked libraries."""

    def compile_extra(self, func: Callable) -> Any:
        codegen = self.state.targetctx.codegen()
        with FIRST_RUN.compiling(func.__name__), _linked(codegen), _aligned():
            return super().compile_extra(func)

    def define_pipelines(self) -> list[PassManager]:
        (manager,) = super().define_pipelines()
        if self.state.flags.auto_parallel.enabled:
            manager.add_pass_after(BareLoops, ParforPreLoweringPass)
            manager.finalize()
        return [manager]


@contextmanager
def _linked(codegen: JITCPUCodegen) -> Iterator[None]:
    """Let libraries be linked ones for the block, and garbage lie: to look for it takes an eighth
    of the time. Numba's lock is held."""
    before, collects = codegen._library_class, gc.isenabled()
    codegen._library_class = LinkedLibrary
    gc.disable()
    try:
        yield
    finally:
        codegen._library_class = before
        if collects:
            gc.enable()


@contextmanager
def _aligned() -> Iterator[None]:
    """Let arrays of what is compiled in the block begin at a cache line. Numba's lock is held."""
    before = CPUContext.get_preferred_array_alignment
    CPUContext.get_preferred_array_alignment = lambda _, type_: ALIGNMENT
    try:
        yield
    finally:
        CPUContext.get_preferred_array_alignment = before
