"""Sessions that a block runs for details, after all that are timed: for memory, and for operators.

Both disturb what they look at: reading a process stalls it, and profiling slows every operator. So each has a process
of its own, whose times count for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from harness.benchmark.work import Protocol

#: Seconds of runs in which a process is looked at; a few looks are enough, since its peak never falls.
MEMORY_S = 2.0
#: Seconds of profiled runs at most: protocols that want minutes want them for heat or gauges.
OPERATORS_S = 2.0
_LOOKS = 20
#: Files that a profile is written to, by its form.
PROFILE_PROTO, PROFILE_CSV = "profile.pb", "profile.csv"
#: The switch in either program; which of them it has is asked of `--help`.
_SWITCHES = ("enable_op_profiling", "use_profiler")
#: Flags of the program that belong to the harness where operators are asked for.
PROFILE_FLAGS = frozenset(
    {*_SWITCHES, "op_profiling_output_mode", "op_profiling_output_file", "profiling_output_csv_file"}
    | {"allow_dynamic_profiling_buffer_increase"}
)

#: Flags that say something of a session that is not timed.
_FLAGS = frozenset({"fallback", "partial_delegation", "garbled", "lease_lost", "too_hot", "swapped", "profile_gap"})


def _for_memory(protocol: Protocol) -> Protocol:
    # Few runs: the program keeps 8 bytes of each, which would count as the model's.
    secs = min(max(MEMORY_S, _LOOKS * protocol.memory_period_s), protocol.max_secs)
    return replace(protocol, num_runs=1, min_secs=secs, warmup_runs=1, warmup_min_secs=0.0, idle_s=0.0)


def _for_operators(protocol: Protocol) -> Protocol:
    secs = min(protocol.min_secs, OPERATORS_S)
    return replace(protocol, min_secs=secs, warmup_min_secs=min(protocol.warmup_min_secs, secs), idle_s=0.0)


#: Kind of session to how its protocol differs from the block's.
PROTOCOLS: dict[str, Callable[[Protocol], Protocol]] = {"memory": _for_memory, "operators": _for_operators}


def untimed_flags(flags: Mapping[str, str]) -> dict[str, str]:
    """Flags of a session for details, each with what was seen, without those about times and the sampler."""
    return {name: seen for name, seen in flags.items() if name in _FLAGS}


def cannot_detail(kind: str, known: frozenset[str]) -> str | None:
    """Why a program that knows these flags cannot run such a session; None where it can."""
    if kind != "operators" or known.intersection(_SWITCHES):
        return None
    return f"this program profiles no operators: it has no {' or '.join(f'--{s}' for s in _SWITCHES)}"


def profile_args(folder: str, known: frozenset[str]) -> list[str]:
    """Flags that make a program profile its operators, in the best form that it knows.

    The message holds every operator and whole sums; the CSV form six digits; the printed tables microseconds.

    Args:
        folder: of the session, as the program sees it.
        known: the flags that the program knows.
    """
    args = [f"--{switch}=true" for switch in _SWITCHES if switch in known]
    if {"op_profiling_output_mode", "op_profiling_output_file"} <= known:
        args += ["--op_profiling_output_mode=proto", f"--op_profiling_output_file={folder}/{PROFILE_PROTO}"]
    elif "profiling_output_csv_file" in known:
        args.append(f"--profiling_output_csv_file={folder}/{PROFILE_CSV}")
    if "allow_dynamic_profiling_buffer_increase" in known:
        # Delegates report each of their kernels: without it, those beyond the buffer are dropped.
        args.append("--allow_dynamic_profiling_buffer_increase=true")
    return args
