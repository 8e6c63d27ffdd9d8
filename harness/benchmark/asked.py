"""What a run was asked for, as the user or its log says: model, delegate, options, threads. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath

from harness.benchmark.output import BenchmarkOutput
from harness.records import SessionKey

UNKNOWN = "unknown"
#: Delegate, the setting that the programs print, and the flag of the command.
_SWITCHES = (
    ("gpu", ("Use gpu",), "--use_gpu"),
    ("nnapi", ("Use NNAPI", "Use nnapi"), "--use_nnapi"),
    ("npu", ("Use npu", "Use NPU"), "--use_npu"),
    ("hexagon", ("Use Hexagon",), "--use_hexagon"),
    ("coreml", ("Use CoreML",), "--use_coreml"),
    ("external", ("External delegate path",), "--external_delegate_path"),
)
_OFF = ("", "0", "false")
#: Names that the tool and the runtime give to delegates other than the CPU's.
_NAMED = (("gpu", "gpu"), ("nnapi", "nnapi"), ("hexagon", "hexagon"), ("coreml", "coreml"), ("dispatch", "npu"))


@dataclass(frozen=True)
class Given:
    """What the user says of the files; None where nothing."""

    model: str | None = None
    variant: str = ""
    delegate: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    device: str | None = None
    threads: int | None = None
    context: str | None = None


@dataclass(frozen=True)
class Asked:
    """A key whose unknown parts are "unknown" or None, and the reason for each as `PART_reason`."""

    key: SessionKey
    reasons: dict[str, str]


def asked_for(given: Given, log: BenchmarkOutput, source: str) -> Asked:
    """What was asked for, the user's word before the log's.

    Args:
        source: name of the file. It stands among the options where model or delegate are unknown: two such files may be
            two conditions, and their figures must not be pooled.
    """
    reasons = {}
    model = given.model or _model(log)
    if model is None:
        reasons["model_reason"] = "the files do not name the model; give --model"
    delegate = given.delegate or _delegate(log)
    if delegate is None:
        reasons["delegate_reason"] = "the files do not say which delegate was asked for; give --delegate"
    threads = given.threads or _threads(log)
    if threads is None:
        reasons["threads_reason"] = "the files do not say how many threads were asked for; give --threads"
    if given.device is None:
        reasons["device_reason"] = "the files do not name the phone; give --device"
    options = dict(given.options or _options(log, delegate))
    if model is None or delegate is None:
        options["file"] = source
    return Asked(SessionKey(model or UNKNOWN, given.variant, delegate or UNKNOWN, options, threads), reasons)


def _model(log: BenchmarkOutput) -> str | None:
    for name in ("Graph", "--graph", "Loaded model"):
        if path := log.settings.get(name):
            stem = PureWindowsPath(path).stem if "\\" in path else PurePosixPath(path).stem
            return stem or None
    return None


def _delegate(log: BenchmarkOutput) -> str | None:
    settings = log.settings
    for delegate, names, flag in _SWITCHES:
        if any(settings.get(name, "") not in _OFF for name in (*names, flag)):
            return delegate
    for entry in log.delegates:
        for part, delegate in _NAMED:
            if part in entry.name.lower():
                return delegate
    # The programs print what was asked for before they load the model, so there silence means the CPU.
    if "Graph" in settings or "--graph" in settings or any(names[0] in settings for _, names, _ in _SWITCHES):
        return "cpu"
    return None


def _threads(log: BenchmarkOutput) -> int | None:
    for name in ("Num threads", "#threads used for CPU inference", "--num_threads"):
        text = log.settings.get(name, "")
        if text.isdecimal() and int(text[:6]) > 0:
            return int(text[:6])
    return None


def _options(log: BenchmarkOutput, delegate: str | None) -> dict[str, str]:
    """What else the log says that makes it another measurement; a default that is printed says the same as silence."""
    found = {}
    settings = log.settings
    if delegate == "gpu":
        if settings.get("Allow lower precision in gpu", settings.get("--gpu_precision_loss_allowed")) in ("0", "false"):
            found["precision"] = "fp32"
        if backend := settings.get("GPU backend") or settings.get("--gpu_backend"):
            found["backend"] = backend
    if delegate == "nnapi" and (
        name := settings.get("NNAPI accelerator name") or settings.get("--nnapi_accelerator_name")
    ):
        found["accelerator"] = name
    if delegate == "cpu" and (settings.get("Use xnnpack") == "1" or settings.get("--use_xnnpack") in ("1", "true")):
        found["xnnpack"] = "on"
    return found
