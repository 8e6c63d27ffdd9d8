"""The flags of the LiteRT program, as data. It logs only those that it shares with the other program.

Names, types and defaults are the official ones; the help texts are our own.
"""

from __future__ import annotations

from harness.virtual.bench.flag_table import FLAGS, Flag

_SHARED = """num_runs min_secs max_secs run_delay run_frequency num_threads use_caching benchmark_name output_prefix
warmup_runs warmup_min_secs verbose dry_run report_peak_memory_footprint memory_footprint_check_interval_ms help"""


def _text(name: str, text: str, default: str = "") -> Flag:
    return Flag(name, "string", default, "", text)


def _switch(name: str, text: str, default: bool = False) -> Flag:
    return Flag(name, "bool", default, "", text)


def _shared() -> list[Flag]:
    by_name = {flag.name: flag for flag in reversed(FLAGS)}
    return [by_name[name] for name in _SHARED.split()]


LITERT_FLAGS: tuple[Flag, ...] = (
    *_shared(),
    _text("graph", "path of the model"),
    _text("signature_to_run_for", "which signature"),
    _switch("use_cpu", "let the CPU take what is left", True),
    _switch("use_gpu", "use the GPU"),
    _switch("use_npu", "use the NPU"),
    _switch("require_full_delegation", "no fallback to the CPU"),
    _text("dispatch_library_path", "folder of the vendor's dispatch library"),
    _text("compiler_plugin_library_path", "folder of the vendor's compiler plugin"),
    _text("compiler_cache_path", "folder of compiled models"),
    _switch("use_profiler", "time every operator"),
    _switch("enable_perfetto", "write a trace"),
    _text("gpu_backend", "webgpu or opengl; OpenCL where empty"),
    _text("gpu-precision", "auto, fp16 or fp32", "auto"),
    _switch("gpu_low_priority", "let others go first"),
    _switch("enable_weight_sharing", "share weights between models"),
    _switch("convert_weights_on_gpu", "convert weights on the GPU"),
    _text("xnnpack_weight_cache_file_path", "file of packed weights"),
    _text("input_layer_value_range", "name,low,high, by colon"),
    _text("result_file_path", "write the result as a proto"),
    _text("model_runtime_info_output_file", "write what ran where as a proto"),
    _text("mediatek_nerun_pilot_version", "version of MediaTek's runtime", "version8"),
)
