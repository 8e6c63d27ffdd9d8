"""Records for tests."""

from __future__ import annotations

from typing import Any

from harness.records import Delegation, PhoneRecord, ProgramMemory, Runtime, SessionKey, SessionRecord


def session(session_id: str, **fields: Any) -> SessionRecord:
    """A session that went well, with what the test changes."""
    values: dict[str, Any] = {
        "block_id": session_id.split("/")[0],
        "phone_id": "P1",
        "serial": "s1",
        "provenance": "virtual",
        "context": "shell",
        "key": SessionKey("m", "int8", "cpu", {}, 4),
        "model_sha256": "0" * 64,
        "model_mb": 1.5,
        "runtime": Runtime("tflite", None, "1" * 64),
        "args": ("--num_runs=5",),
        "outcome": "ok",
        "inference_avg_us": 1000.0,
        "memory": ProgramMemory("label", 3.0, 4.0, None),
        "delegation": Delegation("completely", 9, 9, 1, "runtime_info"),
    }
    return SessionRecord(session_id=session_id, **{**values, **fields})


def phone(phone_id: str = "P1", **fields: Any) -> PhoneRecord:
    """A phone of tier mid."""
    values: dict[str, Any] = {"manufacturer": "Own", "model": "Phone", "tier": "mid", "tier_reason": "a rule"}
    return PhoneRecord(phone_id, "s1", "virtual", **{**values, **fields})
