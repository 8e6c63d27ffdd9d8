"""The GPU delegate's serialised programs: files that make a second initialisation faster."""

from __future__ import annotations

import hashlib

from harness.virtual.bench.delegation import Delegation
from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.gpu import Serialized
from harness.virtual.bench.graph import Graph, Model
from harness.virtual.program import Call

_BYTES_PER_NODE = 24_000


def find(call: Call, flags: Parsed, model: Model) -> Serialized | None:
    """What the flags name, whether it is there or not; None where they name nothing."""
    folder, token = flags["delegate_serialize_dir"], flags["delegate_serialize_token"]
    if not folder or not token:
        return None
    options = (model.file_bytes, flags.get("gpu_precision_loss_allowed"), flags["max_delegated_partitions"])
    number = int.from_bytes(hashlib.sha256(repr((token, options)).encode()).digest()[:8], "big")
    path = f"{folder}/{token}_{number}.bin"
    try:
        return Serialized(token, path, call.path(path).stat().st_size)
    except OSError:
        return Serialized(token, path, None)


def keep(call: Call, cache: Serialized | None, found: Delegation, graph: Graph) -> None:
    """Write it for the next session, where the GPU was used through OpenCL and the folder is there."""
    if cache is None or cache.size is not None or not found.kernels("GPU") or found.gpu_backend != "cl":
        return
    size = _BYTES_PER_NODE * len(found.nodes("GPU")) + graph.weights_bytes // 2
    try:
        with call.path(cache.path).open("wb") as file:
            file.truncate(size)
    except OSError:
        return  # as on a phone: the next session finds nothing
