"""Delegates: the flags that ask for them, and the proof that they ran. One class a delegate, one registration."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.benchmark.output import BenchmarkOutput
from harness.errors import UsageError
from harness.records import Delegation, SessionKey


@dataclass(frozen=True)
class Option:
    """One way to vary a delegate: its allowed values (none: any text that `pattern` matches), and what it means."""

    values: tuple[str, ...]
    help: str
    pattern: str = ".+"

    def allows(self, value: str) -> bool:
        """Whether it may have that value."""
        return value in self.values if self.values else re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True)
class Delegate:
    """How a delegate is asked for.

    Attributes:
        nodes: parts of its nodes' names in runtime info and log, in lower case; one of them is enough.
        tool: the name that the TensorFlow Lite program prints.
        flags: flavour of the program to its base flags; a flavour that is missing cannot run it.
    """

    name: str
    nodes: tuple[str, ...]
    tool: str
    help: str
    flags: dict[str, tuple[str, ...]]
    options: dict[str, Option] = field(default_factory=dict)

    def option_flags(self, flavour: str, option: str, value: str) -> tuple[str, ...]:
        """Flags for one option."""
        return _OPTION_FLAGS[(self.name, option)](flavour, value)


def _xnnpack(_flavour: str, value: str) -> tuple[str, ...]:
    return {"default": (), "on": ("--use_xnnpack=true",), "off": ("--use_xnnpack=false",)}[value]


def _precision(flavour: str, value: str) -> tuple[str, ...]:
    if flavour == "litert":
        return (f"--gpu-precision={value}",)
    return ("--gpu_precision_loss_allowed=" + ("true" if value == "fp16" else "false"),)


def _backend(flavour: str, value: str) -> tuple[str, ...]:
    return (f"--gpu_backend={value if flavour == 'tflite' else {'gl': 'opengl', 'cl': ''}[value]}",)


_OPTION_FLAGS: dict[tuple[str, str], Callable[[str, str], tuple[str, ...]]] = {
    ("cpu", "xnnpack"): _xnnpack,
    ("cpu", "affinity"): lambda _f, _v: (),  # no flag of the program: see block.command
    ("gpu", "precision"): _precision,
    ("gpu", "backend"): _backend,
    ("nnapi", "accelerator"): lambda _f, v: (f"--nnapi_accelerator_name={v}",),
    ("nnapi", "cpu"): lambda _f, v: ("--disable_nnapi_cpu=" + ("false" if v == "on" else "true"),),
    ("npu", "dispatch"): lambda _f, v: (f"--dispatch_library_path={v}",),
}

DELEGATES: dict[str, Delegate] = {
    d.name: d
    for d in (
        Delegate(
            "cpu",
            ("xnnpack",),
            "XNNPACK",
            "the CPU, with XNNPACK as shipped",
            {"tflite": (), "litert": ("--use_cpu=true",)},
            {
                "xnnpack": Option(("default", "on", "off"), "as shipped, forced, or the interpreter's own kernels"),
                "affinity": Option(
                    (),
                    "cores to pin to: big, mid, little or all of that phone's own, or a hexadecimal mask (f0: the "
                    "fifth to eighth)",
                    "big|mid|little|all|[0-9a-f]{1,16}",
                ),
            },
        ),
        Delegate(
            "gpu",
            ("gpu", "litert_cl", "litert_gl", "litert_webgpu"),  # the latter are LiteRT's own accelerators
            "GPU",
            "the GPU delegate",
            {"tflite": ("--use_gpu=true",), "litert": ("--use_gpu=true",)},
            {
                "precision": Option(("fp16", "fp32"), "whether precision may be lost"),
                "backend": Option(("cl", "gl"), "OpenCL or OpenGL, and nothing else"),
            },
        ),
        Delegate(
            "nnapi",
            ("nnapi",),
            "NNAPI",
            "Android's neural networks API",
            {"tflite": ("--use_nnapi=true",)},
            {
                "accelerator": Option((), "an accelerator by the name that the phone gives it"),
                "cpu": Option(("on", "off"), "whether NNAPI may fall back to its own CPU code"),
            },
        ),
        Delegate(
            "npu",
            ("dispatch",),
            "NPU",
            "the vendor's NPU through LiteRT",
            {"litert": ("--use_npu=true",)},
            {"dispatch": Option((), "folder of the dispatch library on the phone")},
        ),
    )
}


def parse_delegate(text: str) -> tuple[str, dict[str, str]]:
    """`gpu` or `gpu:precision=fp32:backend=cl` as a name and its options.

    Raises:
        UsageError: unknown delegate, option or value, with what is known.
    """
    name, *parts = text.split(":")
    delegate = DELEGATES.get(name)
    if delegate is None:
        raise UsageError(f"there is no delegate {name!r}", advice=f"choose from {', '.join(DELEGATES)}")
    options = {}
    for part in parts:
        key, _, value = part.partition("=")
        known = delegate.options.get(key)
        if known is None:
            raise UsageError(
                f"delegate {name} has no option {key!r}", advice=f"it has {', '.join(delegate.options) or 'none'}"
            )
        if not known.allows(value):
            raise UsageError(f"{name}:{key} cannot be {value!r}", advice=f"use {', '.join(known.values) or known.help}")
        options[key] = value
    return name, options


def delegate_args(key: SessionKey, flavour: str) -> list[str]:
    """Flags of the benchmark program for a key.

    Raises:
        UsageError: this flavour of the program cannot run that delegate.
    """
    delegate = DELEGATES[key.delegate]
    if flavour not in delegate.flags:
        other = next(iter(delegate.flags))
        raise UsageError(
            f"the {flavour} program has no delegate {key.delegate}", advice=f"give a {other} build with --binary"
        )
    args = [f"--num_threads={key.threads}", *delegate.flags[flavour]]
    for option, value in sorted(key.options.items()):
        args += delegate.option_flags(flavour, option, value)
    return args


def proof(key: SessionKey, output: BenchmarkOutput, runtime_info: Delegation | None) -> Delegation:
    """What shows that the delegate ran: the runtime info file where there is one, else the log."""
    if runtime_info is not None:
        return runtime_info
    delegate = DELEGATES[key.delegate]
    for entry in output.delegates:
        if entry.name == delegate.tool or any(node in entry.name.lower() for node in delegate.nodes):
            return Delegation(entry.extent, entry.nodes_delegated, entry.nodes_total, entry.partitions, "log")
    return Delegation()


def is_fallback(key: SessionKey, found: Delegation) -> bool:
    """True where a delegate other than the CPU was asked for and nothing shows that it took a node."""
    if key.delegate == "cpu":
        return False
    return found.extent in (None, "none") or found.nodes_delegated == 0
