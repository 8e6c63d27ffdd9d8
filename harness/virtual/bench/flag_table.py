"""The flags of benchmark_model, as data: names, types, defaults and log labels of the official program.

The order is that of `--help`, which lists two flags twice. The help texts are our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Flag:
    """One flag.

    Attributes:
        label: how its value is logged; none at all where empty.
        log: `given` or with --verbose; `always`; `if_given` never for --verbose alone.
        part: what a build must have for the flag to be there: nothing, `gpu`, `nnapi` or `hexagon`.
        needs: logged only where this other flag is set.
        after: logged after this other flag instead of in the order of the table.
    """

    name: str
    kind: Literal["bool", "int32", "float", "string"]
    default: Any
    label: str
    help: str
    log: Literal["given", "always", "if_given"] = "given"
    part: str = ""
    needs: str = ""
    after: str = ""


def _run_control() -> tuple[Flag, ...]:
    return (
        Flag("num_runs", "int32", 50, "Min num runs", "least number of timed runs"),
        Flag("min_secs", "float", 1.0, "Min runs duration (seconds)", "least seconds of timed runs"),
        Flag("max_secs", "float", 150.0, "Max runs duration (seconds)", "no run starts later than this in a phase"),
        Flag("run_delay", "float", -1.0, "Inter-run delay (seconds)", "seconds of rest between runs"),
        Flag("run_frequency", "float", -1.0, "Number of prorated runs per second", "runs a second; beats run_delay"),
        Flag("num_threads", "int32", -1, "Num threads", "threads of the CPU"),
        Flag("use_caching", "bool", False, "Use caching", "keep packed weight matrices"),
        Flag("benchmark_name", "string", "", "Benchmark name", "a label that nothing prints"),
        Flag("output_prefix", "string", "", "Output prefix", "a label that nothing prints"),
        Flag("warmup_runs", "int32", 1, "Min warmup runs", "least number of runs before the timed ones"),
        Flag("warmup_min_secs", "float", 0.5, "Min warmup runs duration (seconds)", "least seconds of warm-up"),
        Flag("verbose", "bool", False, "", "log every parameter, given or not"),
        Flag("dry_run", "bool", False, "Run w/o invoking kernels", "prepare the model and run nothing"),
        Flag("report_peak_memory_footprint", "bool", False, "Report the peak memory footprint", "watch the memory"),
        Flag("memory_footprint_check_interval_ms", "int32", 50, "Memory footprint check interval (ms)", "how often"),
        Flag("gpu_invoke_loop_times", "int32", 1, "", "runs of the GPU per timed run, in builds made for it"),
    )


def _model() -> tuple[Flag, ...]:
    return (
        Flag("graph", "string", "", "Graph", "path of the model", log="always"),
        Flag("input_layer", "string", "", "Input layers", "names of all inputs, by comma"),
        Flag("input_layer_shape", "string", "", "Input shapes", "their shapes, by colon"),
        Flag("input_layer_value_range", "string", "", "Input value ranges", "name,low,high of integers, by colon"),
        Flag("input_layer_value_files", "string", "", "Input value files", "name:file with raw values, by comma"),
        Flag("allow_fp16", "bool", False, "Allow fp16", "let delegates compute in half precision"),
        Flag("require_full_delegation", "bool", False, "Require full delegation", "fail where a node stays on the CPU"),
        Flag("enable_op_profiling", "bool", False, "Enable op profiling", "time every operator"),
        Flag("op_profiling_output_mode", "string", "stdout", "Op profiling output mode.", "stdout, csv or proto"),
        Flag("op_profiling_output_file", "string", "", "Op profiling output file.", "where the profile goes"),
        Flag("max_profiling_buffer_entries", "int32", 1024, "Max initial profiling buffer entries", "events kept"),
        Flag(
            "allow_dynamic_profiling_buffer_increase",
            "bool",
            False,
            "Allow dynamic increase on profiling buffer entries",
            "keep more events where there are more",
        ),
        Flag("profiling_output_csv_file", "string", "", "CSV File to export profiling data to", "old name of csv mode"),
        Flag("export_model_runtime_info", "bool", False, "Enable Model Runtime Info Export", "write what ran where"),
        Flag(
            "model_runtime_info_output_file",
            "string",
            "",
            "Proto File to export model runtime info to",
            "the file that it goes to",
        ),
        Flag("print_preinvoke_state", "bool", False, "Print pre-invoke interpreter state", "tables before the runs"),
        Flag("print_postinvoke_state", "bool", False, "Print post-invoke interpreter state", "tables after the runs"),
        Flag("release_dynamic_tensors", "bool", False, "Release dynamic tensor memory", "free them when unused"),
        Flag(
            "optimize_memory_for_large_tensors",
            "int32",
            0,
            "Optimize memory usage for large tensors",
            "from how many bytes on",
        ),
        Flag("disable_delegate_clustering", "bool", False, "Disable delegate clustering", "no regrouping of nodes"),
        Flag("enable_builtin_cast_constant_cache", "bool", False, "Constant CAST output cache", "cast constants once"),
        Flag("output_filepath", "string", "", "File path to export outputs layer to", "raw outputs of the last run"),
        Flag(
            "output_proto_filepath",
            "string",
            "",
            "File path to export outputs layer as tf example to",
            "the same as a tensorflow.Example",
        ),
        Flag("tensor_name_display_length", "int32", 25, "Tensor name display length", "width of a column"),
        Flag("tensor_type_display_length", "int32", 15, "Tensor type display length", "width of a column"),
        Flag("alloc_type_display_length", "int32", 18, "Tensor allocation type display length", "width of a column"),
        Flag("signature_to_run_for", "string", "", "Signature to run", "which signature", log="always", after="graph"),
        Flag(
            "list_signatures",
            "bool",
            False,
            "List signatures from the provided model",
            "print the model's signatures and end",
            log="if_given",
            after="signature_to_run_for",
        ),
        Flag(
            "result_file_path",
            "string",
            "",
            "File path to save the benchmark result in binary proto format",
            "write the result as a proto",
            after="output_proto_filepath",
        ),
    )


def _delegates() -> tuple[Flag, ...]:
    return (
        Flag("help", "bool", False, "print out all supported flags", "print this and end"),
        Flag("num_threads", "int32", -1, "#threads used for CPU inference", "threads of the CPU"),
        Flag("max_delegated_partitions", "int32", 0, "Max number of delegated partitions", "most partitions to take"),
        Flag("min_nodes_per_partition", "int32", 0, "Min nodes per partition", "least nodes of a partition"),
        Flag(
            "first_delegate_node_index", "int32", 0, "Index of the first node that could be delegated", "for debugging"
        ),
        Flag(
            "last_delegate_node_index",
            "int32",
            2147483647,
            "Index of the last node that could be delegated",
            "for debugging",
        ),
        Flag("gpu_invoke_loop_times", "int32", -1, "Number of GPU delegate invoke loop iterations", "for debugging"),
        Flag("delegate_serialize_dir", "string", "", "Directory for delegate serialization", "folder of a cache"),
        Flag(
            "delegate_serialize_token",
            "string",
            "",
            "Model-specific token/key for delegate serialization.",
            "name of this model in the cache",
        ),
        Flag("use_xnnpack", "bool", False, "Use xnnpack", "true: apply XNNPACK by hand; false: not at all"),
        Flag("xnnpack_force_fp16", "bool", False, "xnnpack_force_fp16", "half precision, with use_xnnpack"),
        Flag("xnnpack_weight_cache_file_path", "string", "", "xnnpack_weight_cache_file_path", "packed weights"),
        Flag("xnnpack_runtime_flags", "int32", 0, "Extra flags for XNNPACK runtime", "raw flags"),
        Flag("external_delegate_path", "string", "", "External delegate path", "library of a delegate"),
        Flag("external_delegate_options", "string", "", "External delegate options", "key:value, by semicolon"),
        Flag("use_gpu", "bool", False, "Use gpu", "apply the GPU delegate"),
        Flag("gpu_precision_loss_allowed", "bool", True, "Allow lower precision in gpu", "half precision", part="gpu"),
        Flag("gpu_experimental_enable_quant", "bool", True, "Enable running quant models in gpu", "int8", part="gpu"),
        Flag(
            "gpu_inference_for_sustained_speed",
            "bool",
            False,
            "Prefer maximizing the throughput in gpu",
            "for many runs rather than one",
            part="gpu",
        ),
        Flag("gpu_backend", "string", "", "GPU backend", "cl or gl; both are tried where empty", part="gpu"),
        Flag("use_hexagon", "bool", False, "Use Hexagon", "apply the Hexagon delegate", part="hexagon"),
        Flag(
            "hexagon_lib_path",
            "string",
            "/data/local/tmp",
            "Hexagon lib path",
            "where its libraries lie",
            part="hexagon",
        ),
        Flag("hexagon_profiling", "bool", False, "Hexagon profiling", "profile, in cycles", part="hexagon"),
        *_nnapi(),
    )


def _nnapi() -> tuple[Flag, ...]:
    return (
        Flag("use_nnapi", "bool", False, "Use NNAPI", "apply the NNAPI delegate", part="nnapi"),
        _of_nnapi("nnapi_execution_preference", "", "NNAPI execution preference", "fast_single_answer, low_power …"),
        _of_nnapi("nnapi_execution_priority", "", "Model execution priority in nnapi", "default, low, medium, high"),
        _of_nnapi("nnapi_accelerator_name", "", "NNAPI accelerator name", "which of the accelerators"),
        _of_nnapi("disable_nnapi_cpu", True, "Disable NNAPI cpu", "no CPU code inside NNAPI"),
        _of_nnapi("nnapi_allow_fp16", False, "Allow fp16 in NNAPI", "half precision"),
        _of_nnapi("nnapi_allow_dynamic_dimensions", False, "Allow dynamic dimensions in NNAPI", "unknown sizes"),
        _of_nnapi("nnapi_use_burst_mode", False, "Use burst mode in NNAPI", "many runs in a row"),
        _of_nnapi("nnapi_support_library_path", "", "NNAPI SL path", "a support library"),
    )


def _of_nnapi(name: str, default: bool | str, label: str, text: str) -> Flag:
    kind: Literal["bool", "string"] = "bool" if isinstance(default, bool) else "string"
    return Flag(name, kind, default, label, text, part="nnapi", needs="use_nnapi")


FLAGS: tuple[Flag, ...] = (*_run_control(), *_model(), *_delegates())
