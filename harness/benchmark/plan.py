"""From a suite and phones to what each phone does, in which order. Pure; the same seed gives the same plan.

Method of the order: randomised complete blocks. Each round holds every condition once, shuffled, so that drift (heat,
battery, background work) falls on all conditions alike (Abedi & Brecht, ICPE 2017: randomised interleaved trials).
Sessions that run for their outputs come after all that are timed, so that they heat no phone before its figures.
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
#: A session that runs for its outputs: one run, no dumps.
_OUTPUTS_S = 0.5


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

    @property
    def for_outputs(self) -> int:
        """Those of them that run for their outputs."""
        return sum(_counts(b)[1] for b in self.blocks)

    def words(self) -> str:
        """`36 sessions`, or `36 sessions and 27 for outputs`."""
        rest = self.for_outputs
        timed = self.sessions - rest
        return f"{timed} session{'' if timed == 1 else 's'}" + (f" and {rest} for outputs" if rest else "")

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
    p, timed, rest = block.protocol, *_counts(block)
    return timed * (p.min_secs + p.warmup_min_secs + 2 * p.idle_s + _OVERHEAD_S) + rest * _OUTPUTS_S


def limit_block_s(block: Block) -> float:
    """Phone seconds of one block at most: every session ends at its deadline, after the longest cool-down."""
    p, timed, rest = block.protocol, *_counts(block)
    longest = min(2 * p.max_secs, p.session_timeout_s) + _OVERHEAD_S
    cooling = timed * p.cooldown_timeout_s
    cooling = cooling if p.cooldown_total_s is None else min(cooling, p.cooldown_total_s)
    return (timed + rest) * longest + timed * 2 * p.idle_s + cooling


def _counts(block: Block) -> tuple[int, int]:
    """Sessions that are timed, and the others."""
    timed = sum(s.sample is None for s in block.sessions)
    return timed, len(block.sessions) - timed


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
    samples: Mapping[str, int] | None = None,
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
        samples: model sha256 to the number of inputs that its outputs are checked on, with the first of `threads`.

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
        planned += _for_outputs([k for k in keys if k[0].threads == threads[0]], samples or {}, len(planned))
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


def _for_outputs(
    keys: Sequence[tuple[SessionKey, ModelFile]], samples: Mapping[str, int], first: int
) -> tuple[PlannedSession, ...]:
    wanted = [(key, model, sample) for key, model in keys for sample in range(samples.get(model.sha256, 0))]
    return tuple(PlannedSession(first + i, 0, key, model, sample) for i, (key, model, sample) in enumerate(wanted))


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
