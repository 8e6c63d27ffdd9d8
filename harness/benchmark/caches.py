"""Caches that delegates keep between processes: cold starts get a folder for them that is emptied. Pure.

What an app keeps, these sessions keep too, so that a later load is what an app's later load is. The page cache, which
holds the model file itself, can be emptied by root only; device_scripts/lib/cold.sh tries, and says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection

from harness.benchmark.work import PlannedSession

#: In the block's folder, where every program runs.
FOLDER = "cache"


def cache_args(session: PlannedSession, known: Collection[str]) -> list[str]:
    """Flags that make this build keep what its delegate compiles; none where it keeps nothing.

    Args:
        known: flags of the build.
    """
    options = json.dumps(session.key.options, sort_keys=True)
    # Programs for another precision or part of the model must not be taken for this one's.
    name = hashlib.sha256(f"{session.model.sha256}/{session.key.delegate}/{options}".encode()).hexdigest()[:16]
    if session.key.delegate in ("gpu", "nnapi") and {"delegate_serialize_dir", "delegate_serialize_token"} <= set(
        known
    ):
        return [f"--delegate_serialize_dir={FOLDER}", f"--delegate_serialize_token={name}"]
    if session.key.delegate == "gpu" and {"gpu_serialization_dir", "gpu_model_cache_key"} <= set(known):
        return [f"--gpu_serialization_dir={FOLDER}", f"--gpu_model_cache_key={name}"]
    if session.key.delegate == "npu" and "compiler_cache_path" in known:
        return [f"--compiler_cache_path={FOLDER}"]
    return []
