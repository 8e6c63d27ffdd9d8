"""From a suite and phones to what each phone does, in which order. Pure; the same seed gives the same plan.

Method of the order: randomised complete blocks. Each round holds every condition once, shuffled, so that drift (heat,
battery, background work) falls on all conditions alike (Abedi & Brecht, ICPE 2017: randomised interleaved trials).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.benchmark.delegates import DELEGATES, parse_delegate
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
        """Phone seconds of the longest block, at least; phones work at the same time."""
        return max((estimate_block_s(b) for b in self.blocks), default=0.0)

    def limit_s(self) -> float:
        """Phone seconds of the longest block, at most."""
        return max((limit_block_s(b) for b in self.blocks), default=0.0)

    def skipped_lines(self) -> list[str]:
        """A sentence a condition that is left out."""
        return [f"{s.phone_id}: {s.what} is left out: {s.reason}" for s in self.skipped]


def estimate_block_s(block: Block) -> float:
    """Phone seconds of one block at least: phases at their least duration, and no cool-down."""
    p = block.protocol
    return len(block.sessions) * (p.min_secs + p.warmup_min_secs + 2 * p.idle_s + _OVERHEAD_S)


def limit_block_s(block: Block) -> float:
    """Phone seconds of one block at most: every session ends at its deadline, after the longest cool-down."""
    p = block.protocol
    longest = min(2 * p.max_secs, p.session_timeout_s) + 2 * p.idle_s + _OVERHEAD_S
    cooling = len(block.sessions) * p.cooldown_timeout_s
    return len(block.sessions) * longest + (cooling if p.cooldown_total_s is None else min(cooling, p.cooldown_total_s))


def make_plan(
    models: Sequence[ModelFile],
    phones: Iterable[PhoneRecord],
    *,
    delegates: Sequence[str],
    threads: Sequence[int],
    sessions: int,
    protocol: Protocol,
    seed: int,
    run_id: str,
    flavours: Mapping[str, str] | None = None,
) -> Plan:
    """Give every phone every condition `sessions` times, in rounds that each hold every condition once, shuffled.

    A phone's order depends on the seed, the conditions and that phone's id alone, so adding a phone changes no other's.
    A phone that can run nothing has a block without sessions. Threads count for accelerators too: what stays on the CPU
    uses them.

    Args:
        models: at least one.
        phones: each once.
        flavours: phone_id to the flavour of its program, "tflite" or "litert"; a delegate that this flavour lacks is
            skipped. Where the flavour is not known yet, nothing is skipped for it.
        run_id: makes block ids unique, and the same on a resume.

    Raises:
        UsageError: a delegate is unknown.
    """
    wanted = [(text, *parse_delegate(text)) for text in delegates]
    known = flavours or {}
    blocks, skipped = [], []
    for phone in sorted(phones, key=lambda p: p.phone_id):
        keys: list[tuple[SessionKey, ModelFile]] = []
        for text, name, options in wanted:
            reason = _cannot(name, phone, known.get(phone.phone_id))
            if reason is not None:
                skipped.append(Skip(phone.phone_id, text, reason))
                continue
            for model in models:
                for count in threads:
                    keys.append((SessionKey(model.name, model.variant, name, dict(options), count), model))
        planned = _interleave(keys, sessions, random.Random(f"{seed}/{phone.phone_id}"))
        blocks.append(Block(block_id(run_id, phone.phone_id), phone.phone_id, planned, protocol))
    return Plan(tuple(blocks), tuple(skipped))


def _interleave(
    keys: Sequence[tuple[SessionKey, ModelFile]], rounds: int, rng: random.Random
) -> tuple[PlannedSession, ...]:
    planned: list[PlannedSession] = []
    for repeat in range(rounds):
        for key, model in rng.sample(keys, len(keys)):
            planned.append(PlannedSession(len(planned), repeat, key, model))
    return tuple(planned)


def _cannot(delegate: str, phone: PhoneRecord, flavour: str | None) -> str | None:
    if flavour is not None and flavour not in DELEGATES[delegate].flags:
        other = next(iter(DELEGATES[delegate].flags))
        return f"the program of flavour {flavour} has no such delegate; give a {other} build with --binary"
    if delegate == "nnapi" and phone.sdk is not None and phone.sdk < _NNAPI_SDK:
        return f"Android {phone.android or f'of SDK {phone.sdk}'} has no NNAPI, which came with 8.1"
    return None


def block_id(run_id: str, phone_id: str) -> str:
    """Name of a phone's block, a folder on the phone: plain letters, and a digest so that two odd serials stay two."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", phone_id)[:40]
    return f"{run_id}-{plain}-{hashlib.sha256(phone_id.encode()).hexdigest()[:6]}"
