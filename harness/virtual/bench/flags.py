"""The command line of benchmark_model: its flags, and its lenient parser.

Names, defaults, labels and the parser's habits are those of the official program; the help texts are our own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Flag:
    """One flag. `label` is how its value is logged; `always` logs it even when not given."""

    name: str
    kind: str  # bool, int32, float, string
    default: Any
    label: str
    help: str
    always: bool = False
    build: str = "all"  # all, gpu (built with the GPU delegate), android


FLAGS: tuple[Flag, ...] = (
    Flag("num_runs", "int32", 50, "Min num runs", "least number of timed runs"),
    Flag("min_secs", "float", 1.0, "Min runs duration (seconds)", "least seconds of timed runs"),
    Flag("max_secs", "float", 150.0, "Max runs duration (seconds)", "most seconds of a phase"),
    Flag("run_delay", "float", -1.0, "Inter-run delay (seconds)", "seconds between runs"),
    Flag("run_frequency", "float", -1.0, "Number of prorated runs per second", "runs per second; beats run_delay"),
    Flag("num_threads", "int32", -1, "Num threads", "number of threads"),
    Flag("use_caching", "bool", False, "Use caching", "keep packed weights"),
    Flag("benchmark_name", "string", "", "Benchmark name", "a name"),
    Flag("output_prefix", "string", "", "Output prefix", "a prefix"),
    Flag("warmup_runs", "int32", 1, "Min warmup runs", "least number of warm-up runs"),
    Flag("warmup_min_secs", "float", 0.5, "Min warmup runs duration (seconds)", "least seconds of warm-up"),
    Flag("verbose", "bool", False, "", "log every parameter"),
    Flag("dry_run", "bool", False, "Run w/o invoking kernels", "prepare the model and run nothing"),
    Flag("report_peak_memory_footprint", "bool", False, "Report the peak memory footprint", "watch memory"),
    Flag("memory_footprint_check_interval_ms", "int32", 50, "Memory footprint check interval (ms)", "how often"),
    Flag("graph", "string", "", "Graph", "the model's path", always=True),
    Flag("signature_to_run_for", "string", "", "Signature to run", "which signature", always=True),
    Flag("input_layer", "string", "", "Input layers", "names of inputs"),
    Flag("input_layer_shape", "string", "", "Input shapes", "shapes of inputs"),
    Flag("input_layer_value_range", "string", "", "Input value ranges", "ranges of integer inputs"),
    Flag("input_layer_value_files", "string", "", "Input value files", "files of input values"),
    Flag("allow_fp16", "bool", False, "Allow fp16", "allow half precision"),
    Flag("require_full_delegation", "bool", False, "Require full delegation", "fail where the CPU must help"),
    Flag("enable_op_profiling", "bool", False, "Enable op profiling", "time each operator"),
    Flag("op_profiling_output_mode", "string", "stdout", "Op profiling output mode.", "stdout, csv or proto"),
    Flag("op_profiling_output_file", "string", "", "Op profiling output file.", "where the profile goes"),
    Flag("export_model_runtime_info", "bool", False, "Enable Model Runtime Info Export", "write what ran where"),
    Flag("model_runtime_info_output_file", "string", "", "Proto File to export model runtime info to", "its path"),
    Flag("output_filepath", "string", "", "File path to export outputs layer to", "write the outputs"),
    Flag(
        "result_file_path",
        "string",
        "",
        "File path to save the benchmark result in binary proto format",
        "write the result",
    ),
    Flag("help", "bool", False, "print out all supported flags", "print the flags"),
    Flag("max_delegated_partitions", "int32", 0, "Max number of delegated partitions", "most partitions"),
    Flag("min_nodes_per_partition", "int32", 0, "Min nodes per partition", "least nodes of a partition"),
    Flag("delegate_serialize_dir", "string", "", "Directory for delegate serialization", "cache folder"),
    Flag("delegate_serialize_token", "string", "", "Model-specific token/key for delegate serialization.", "its key"),
    Flag("use_xnnpack", "bool", False, "Use xnnpack", "apply XNNPACK by hand, or not at all"),
    Flag("xnnpack_force_fp16", "bool", False, "xnnpack_force_fp16", "half precision in XNNPACK"),
    Flag("external_delegate_path", "string", "", "External delegate path", "a delegate library"),
    Flag("external_delegate_options", "string", "", "External delegate options", "its options"),
    Flag("use_gpu", "bool", False, "Use gpu", "apply the GPU delegate"),
    Flag("gpu_precision_loss_allowed", "bool", True, "Allow lower precision in gpu", "half precision", build="gpu"),
    Flag("gpu_experimental_enable_quant", "bool", True, "Enable running quant models in gpu", "int8", build="gpu"),
    Flag(
        "gpu_inference_for_sustained_speed",
        "bool",
        False,
        "Prefer maximizing the throughput in gpu",
        "long runs",
        build="gpu",
    ),
    Flag("gpu_backend", "string", "", "GPU backend", "cl or gl", build="gpu"),
    Flag("use_nnapi", "bool", False, "Use NNAPI", "apply the NNAPI delegate", build="android"),
    Flag("nnapi_execution_preference", "string", "", "NNAPI execution preference", "a preference", build="android"),
    Flag("nnapi_accelerator_name", "string", "", "NNAPI accelerator name", "which accelerator", build="android"),
    Flag("disable_nnapi_cpu", "bool", True, "Disable NNAPI cpu", "no CPU inside NNAPI", build="android"),
    Flag("nnapi_allow_fp16", "bool", False, "Allow fp16 in NNAPI", "half precision", build="android"),
    Flag("use_hexagon", "bool", False, "Use Hexagon", "apply the Hexagon delegate", build="android"),
)


class FlagError(Exception):
    """A value that the program refuses; the text is what it prints after `ERROR: `."""


@dataclass
class Parsed:
    """Values by flag, which were given and in what order, and what nobody took."""

    values: dict[str, Any]
    given: list[str] = field(default_factory=list)
    unconsumed: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def was_given(self, name: str) -> bool:
        """True where the command line set it."""
        return name in self.given


def known_flags(*, gpu: bool, android: bool) -> list[Flag]:
    """The flags that a build has."""
    builds = {"all", *(["gpu"] if gpu else []), *(["android"] if android else [])}
    return [f for f in FLAGS if f.build in builds]


def parse_flags(argv: list[str], flags: list[Flag]) -> Parsed:
    """Parse as the program does: only `--name=value`; the first of two wins, the rest is left unconsumed.

    Raises:
        FlagError: a value cannot be read.
    """
    by_name = {f.name: f for f in flags}
    parsed = Parsed({f.name: f.default for f in flags})
    for arg in argv:
        name, equals, value = arg.removeprefix("--").partition("=")
        if arg == "--help":
            name, equals, value = "help", "=", "true"
        if not arg.startswith("--") or not equals or name not in by_name or parsed.was_given(name):
            parsed.unconsumed.append(arg)
            continue
        try:
            parsed.values[name] = _convert(by_name[name].kind, value)
        except ValueError:
            raise FlagError(f"Failed to parse flag '{name}' against argv '{arg}'") from None
        parsed.given.append(name)
    return parsed


def _convert(kind: str, value: str) -> Any:
    if kind == "string":
        return value
    if kind == "bool":
        if value not in ("true", "false", "0", "1"):
            raise ValueError(value)
        return value in ("true", "1")
    # A stream reads as far as it can: 5x is 5, 1e3 is 1 for an integer, nothing at all is let through as 0.
    pattern = r"[-+]?\d+" if kind == "int32" else r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)"
    found = re.match(pattern, value.strip())
    if not found:
        if value == "":
            return 0
        raise ValueError(value)
    return int(found[0]) if kind == "int32" else float(found[0])


def usage(name: str, flags: list[Flag]) -> str:
    """The table that `--help` prints."""
    width = max(len(f"--{f.name}={_show(f.default)}") for f in flags)
    rows = [f"\t{f'--{f.name}={_show(f.default)}':<{width}}\t{f.kind}\toptional\t{f.help}" for f in flags]
    return f"usage: {name} <flags>\nFlags:\n" + "\n".join(rows) + "\n"


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def log_value(value: Any) -> str:
    """A value between the brackets of a parameter line."""
    return str(int(value)) if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
