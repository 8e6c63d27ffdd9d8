"""What one phone is to do, before it is known which phone. Pure.

Method of the order: randomised complete blocks. Each round holds every condition once, shuffled, so that drift (heat,
battery, background work) falls on all conditions alike (Abedi & Brecht, ICPE 2017: randomised interleaved trials).
Sessions that run for something else than their times come after all that are timed, so that they heat no phone before
its figures: those for outputs first, then those for details, one kind after the other.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.benchmark.affinity import NoSuchCores, resolved
from harness.benchmark.delegates import DELEGATES
from harness.benchmark.in_app import app_cannot, kinds_in
from harness.benchmark.selectors import Term
from harness.benchmark.work import Block, ModelFile, PlannedSession, Protocol
from harness.records import PhoneRecord, SessionKey

#: NNAPI came with Android 8.1.
_NNAPI_SDK = 27
#: What is measured: the last is its context.
Condition = tuple[SessionKey, ModelFile, str]


@dataclass(frozen=True)
class Conditions:
    """What every phone runs, as far as it can.

    Attributes:
        delegates: as they were asked for, their names, and their options.
        sessions: of each condition.
        seed: of the order.
        flavours: phone_id to the flavour of its program; a delegate that this flavour lacks is skipped. Where the
            flavour is not known, nothing is skipped for it.
        samples: model sha256 to the number of inputs that its outputs are checked on, with the first of `threads`.
        contexts: "shell" and "app" (see harness/benchmark/in_app.py).
        details: kinds of sessions that follow for details, in order, one for each condition.
    """

    models: tuple[ModelFile, ...]
    delegates: tuple[tuple[str, str, Mapping[str, str]], ...]
    threads: tuple[int, ...]
    sessions: int
    protocol: Protocol
    seed: int
    flavours: Mapping[str, str]
    samples: Mapping[str, int]
    contexts: tuple[str, ...] = ("shell",)
    details: tuple[str, ...] = ()

    def block(self, block_id: str, phone: PhoneRecord, name: str) -> Block:
        """The block of a phone; empty where it can run nothing. Its order depends on the seed and `name` alone."""
        able = [
            (d, context) for context in self.contexts for d in self.delegates if not self._cannot(d, context, phone)
        ]
        keys = [
            (SessionKey(model.name, model.variant, delegate, dict(options), count), model, context)
            for (_, delegate, options), context in able
            for model in self.models
            for count in self.threads
        ]
        rng = random.Random(f"{self.seed}/{name}")
        planned = interleave(keys, self.sessions, kinds_of(self.protocol), rng)
        checked = [
            (key, model) for key, model, context in keys if context == "shell" and key.threads == self.threads[0]
        ]
        planned += _for_outputs(checked, self.samples, len(planned))
        from_shell = [(key, model) for key, model, context in keys if context == "shell"]
        planned += _for_details(from_shell, self.details, len(planned))
        return Block(block_id, phone.phone_id, planned, self.protocol)

    def skipped(self, phone: PhoneRecord) -> Iterator[tuple[str, str]]:
        """The delegates that a phone cannot run, each with the reason."""
        for context in self.contexts:
            for delegate in self.delegates:
                reason = self._cannot(delegate, context, phone)
                if reason is not None:
                    yield delegate[0] if context == "shell" else f"{delegate[0]} in the {context}", reason
        if "shell" not in self.contexts and any(self.samples.values()):
            yield "the check of outputs", "the app writes none; add shell to the contexts"
        if "app" in self.contexts and self.protocol.cold:
            yield "cold starts in the app", "its caches lie in its own folder, which the shell cannot empty"

    def _cannot(self, delegate: tuple[str, str, Mapping[str, str]], context: str, phone: PhoneRecord) -> str | None:
        _, name, options = delegate
        if context == "app":
            # It brings the program of flavour tflite with it, whatever the shell runs.
            return app_cannot(name, options, self.protocol) or cannot_run(name, options, phone, "tflite")
        return cannot_run(name, options, phone, self.flavours.get(phone.phone_id))


@dataclass(frozen=True)
class PlannedJob:
    """A block's worth of work for one phone, whichever that will be.

    Attributes:
        job_id: the id of the block that its first attempt makes.
        name: for people, and what the order of its sessions is seeded by.
        phone_id: the phone that it is for; None: any that meets `wanted` and is not in `avoid`.
        wanted: terms that must all hold, of any inner list; empty: any phone.
        avoid: phones that meet `wanted` and can run none of it.
        group: jobs of one group run on different phones; None of a job for one phone.
        phones: those that were there when it was planned and could run it, by id.
        typical: the block as the phone runs it that it is for, or as one of `phones` would.
        conditions: what is to be run.
    """

    job_id: str
    name: str
    phone_id: str | None
    wanted: tuple[tuple[Term, ...], ...]
    avoid: frozenset[str]
    group: str | None
    phones: tuple[str, ...]
    typical: Block
    conditions: Conditions

    def block_id(self, attempt: int = 1) -> str:
        """The id of the block of an attempt; an attempt is new where another phone takes the job over."""
        return self.job_id if attempt == 1 else f"{self.job_id}-a{attempt}"

    def bind(self, phone: PhoneRecord, attempt: int = 1) -> Block:
        """The block for a phone, from the first session on."""
        return self.conditions.block(self.block_id(attempt), phone, self.name)

    def begun(self, blocks: Mapping[str, str]) -> tuple[int, str] | None:
        """The last attempt that an earlier command began, and the phone that it is on; None where there is none.

        Args:
            blocks: block id to phone_id, of the run's journal.
        """
        attempts = {1: self.job_id} | {
            int(number): block_id
            for block_id in blocks
            if (number := block_id.removeprefix(f"{self.job_id}-a")) != block_id and number.isdecimal()
        }
        return max(((n, blocks[i]) for n, i in attempts.items() if i in blocks), default=None)


def block_id(run_id: str, name: str) -> str:
    """Name of a block, a folder on the phone: plain letters, and a digest so that two odd names stay two."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:40]
    return f"{run_id}-{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def kinds_of(protocol: Protocol) -> tuple[tuple[str, int | None], ...]:
    """What a condition runs in one round, as (kind, step): one session, a cold one before it, or a chain of steps."""
    if protocol.chain_s:
        return tuple(("sustained", step) for step in range(max(2, math.ceil(protocol.chain_s / protocol.min_secs))))
    return (("cold", None), ("timing", None)) if protocol.cold else (("timing", None),)


def interleave(
    keys: Sequence[Condition],
    rounds: int,
    kinds: Sequence[tuple[str, int | None]],
    rng: random.Random,
    *,
    first: int = 0,
    index: int = 0,
) -> tuple[PlannedSession, ...]:
    """Rounds that each hold every condition once, shuffled; `first` is the number of the first round, `index` that of
    the first session.
    """
    planned: list[PlannedSession] = []
    for repeat in range(first, first + rounds):
        for key, model, context in rng.sample(keys, len(keys)):
            planned += [
                PlannedSession(index + len(planned) + place, repeat, key, model, kind, None, step, context=context)
                for place, (kind, step) in enumerate(kinds_in(context, kinds))
            ]
    return tuple(planned)


def _for_outputs(
    keys: Sequence[tuple[SessionKey, ModelFile]], samples: Mapping[str, int], first: int
) -> tuple[PlannedSession, ...]:
    wanted = [(key, model, sample) for key, model in keys for sample in range(samples.get(model.sha256, 0))]
    return tuple(
        PlannedSession(first + i, 0, key, model, "outputs", sample) for i, (key, model, sample) in enumerate(wanted)
    )


def _for_details(
    keys: Sequence[tuple[SessionKey, ModelFile]], kinds: Sequence[str], first: int
) -> tuple[PlannedSession, ...]:
    wanted = [(kind, key, model) for kind in kinds for key, model in keys]
    return tuple(PlannedSession(first + i, 0, key, model, kind) for i, (kind, key, model) in enumerate(wanted))


def cannot_run(delegate: str, options: Mapping[str, str], phone: PhoneRecord, flavour: str | None) -> str | None:
    """Why a phone cannot run a delegate at all; None where it may. flavour: of its program, None where not known."""
    if flavour is not None and flavour not in DELEGATES[delegate].flags:
        other = next(iter(DELEGATES[delegate].flags))
        return f"the program of flavour {flavour} has no such delegate; give a {other} build with --binary"
    if delegate == "nnapi" and phone.sdk is not None and phone.sdk < _NNAPI_SDK:
        return f"Android {phone.android or f'of SDK {phone.sdk}'} has no NNAPI, which came with 8.1"
    try:
        resolved(options, phone.clusters)
    except NoSuchCores as error:
        return error.message
    return None
