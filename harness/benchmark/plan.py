"""From a suite and phones to what each phone does, in which order. Pure; the same seed gives the same plan."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.benchmark.delegates import parse_delegate
from harness.benchmark.work import Block, ModelFile, PlannedSession, Protocol
from harness.records import PhoneRecord, SessionKey

#: NNAPI came with Android 8.1.
_NNAPI_SDK = 27
#: Process start, dumps and collection around a session, s.
_OVERHEAD_S = 1.5


@dataclass(frozen=True)
class Skip:
    """A condition that a phone cannot run, with the reason."""

    phone_id: str
    what: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """One block per phone; `skipped` says what is left out and why."""

    blocks: tuple[Block, ...]
    skipped: tuple[Skip, ...] = ()

    @property
    def sessions(self) -> int:
        """Sessions over all phones."""
        return sum(len(b.sessions) for b in self.blocks)

    def estimate_s(self) -> float:
        """Phone seconds of the longest block: phases at their least duration and cool-downs not counted."""
        return max((estimate_block_s(b) for b in self.blocks), default=0.0)

    def skipped_lines(self) -> list[str]:
        """A sentence a condition that is left out."""
        return [f"{s.phone_id}: {s.what} is left out: {s.reason}" for s in self.skipped]


def estimate_block_s(block: Block) -> float:
    """Phone seconds of one block."""
    p = block.protocol
    return len(block.sessions) * (p.min_secs + p.warmup_min_secs + 2 * p.idle_s + _OVERHEAD_S)


def make_plan(
    models: Sequence[ModelFile],
    phones: Sequence[PhoneRecord],
    *,
    delegates: Sequence[str],
    threads: Sequence[int],
    sessions: int,
    protocol: Protocol,
    seed: int,
    run_id: str,
    flavour: str = "tflite",
) -> Plan:
    """Give every phone every condition `sessions` times, interleaved: each round holds every condition once, shuffled.

    Drift (heat, battery) then falls on all conditions alike. A phone's order depends on seed and phone alone, so adding
    a phone changes no other's.

    Args:
        flavour: of the program, "tflite" or "litert"; a delegate that it cannot run is skipped with the reason.
        run_id: makes block ids unique.
    """
    blocks, skipped = [], []
    for phone in sorted(phones, key=lambda p: p.phone_id):
        keys: list[tuple[SessionKey, ModelFile]] = []
        for text in delegates:
            name, options = parse_delegate(text)
            reason = _cannot(name, phone, flavour)
            if reason is not None:
                skipped.append(Skip(phone.phone_id, text, reason))
                continue
            for model in models:
                # Threads mean nothing to an accelerator's own work, but what stays on the CPU uses them.
                for count in threads:
                    keys.append((SessionKey(model.name, model.variant, name, dict(options), count), model))
        rng = random.Random(f"{seed}/{phone.phone_id}")
        planned: list[PlannedSession] = []
        for repeat in range(sessions):
            order = list(keys)
            rng.shuffle(order)
            for key, model in order:
                planned.append(PlannedSession(len(planned), repeat, key, model))
        blocks.append(Block(_block_id(run_id, phone.phone_id), phone.phone_id, tuple(planned), protocol))
    return Plan(tuple(blocks), tuple(skipped))


def _cannot(delegate: str, phone: PhoneRecord, flavour: str) -> str | None:
    if delegate == "nnapi" and flavour == "litert":
        return "the LiteRT program has no NNAPI"
    if delegate == "npu" and flavour == "tflite":
        return "only the LiteRT program drives an NPU; give one with --binary"
    if delegate == "nnapi" and phone.sdk is not None and phone.sdk < _NNAPI_SDK:
        return f"Android {phone.android} has no NNAPI"
    return None


def _block_id(run_id: str, phone_id: str) -> str:
    # The id becomes a folder on the phone: plain letters, and a digest so that two odd serials stay two.
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", phone_id)[:40]
    return f"{run_id}-{plain}-{hashlib.sha256(phone_id.encode()).hexdigest()[:6]}"
