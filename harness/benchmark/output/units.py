"""Which unit ran an operator of a profile: from its name, and from the delegates that hold nodes of the model. Pure.

A profile names the kernels of a delegate `Delegate/NAME:N` and does not say which delegate it was. Where one delegate
holds nodes it is that one; where several do, XNNPACK's and the GPU delegate's kernels are told apart by how their
makers write them. What remains is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: What can run an operator, in a reader's words.
UNITS = {
    "cpu": "the interpreter's own kernels on the CPU",
    "xnnpack": "the CPU through XNNPACK",
    "gpu": "the GPU",
    "nnapi": "NNAPI; which unit its driver took is not told",
    "npu": "the vendor's NPU",
    "dsp": "the Hexagon DSP",
}
#: Part of a delegate's node name, in lower case, to its unit.
_DELEGATES = {"xnnpack": "xnnpack", "gpu": "gpu", "litert_cl": "gpu", "litert_gl": "gpu", "litert_webgpu": "gpu"}
_DELEGATES |= {"nnapi": "nnapi", "dispatch": "npu", "litert_npu": "npu", "hexagon": "dsp"}
_XNNPACK = re.compile(r"\((?:NC|NHWC|NCHW|ND|NCW|NWC)\b")
_GPU = re.compile(r"[a-z][a-z0-9_]* \d+(?: -> |$)")
_PLAIN = re.compile(r"[A-Z][A-Z0-9_]*(?:/|$)")


def delegate_unit(name: str) -> str | None:
    """The unit of a delegate by the name of its nodes; None of one that nobody here knows."""
    lower = name.lower()
    return next((unit for part, unit in _DELEGATES.items() if part in lower), None)


def operator_unit(node_type: str, name: str | None, delegates: Iterable[str] | None) -> str | None:
    """The unit that ran an operator.

    Args:
        node_type, name: as the profile has them; name is None in a summary by type.
        delegates: names of the nodes of delegates in the plan, from the runtime info file; None without one.
    """
    if "delegate" in node_type.lower() or node_type.startswith("LITERT_"):
        return delegate_unit(node_type)
    if name is not None and not name.startswith("Delegate/"):
        return "cpu"
    shaped = "xnnpack" if _XNNPACK.search(node_type) else "gpu" if _GPU.match(node_type) else None
    if name is None:
        return shaped or ("cpu" if _PLAIN.match(node_type) else None)
    owners = {delegate_unit(d) for d in delegates} if delegates is not None else None
    if owners is None:
        return shaped
    if len(owners) == 1:
        return owners.pop()
    return shaped if shaped in owners else None
