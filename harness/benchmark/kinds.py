"""What a session of each kind changes of its block's protocol. Pure."""

from __future__ import annotations

from dataclasses import replace

from harness.benchmark.details import PROTOCOLS
from harness.benchmark.work import Block, PlannedSession


def as_it_runs(block: Block, session: PlannedSession) -> Block:
    """The block with the protocol by which this session runs in it."""
    protocol = block.protocol
    if session.kind == "outputs":
        # One run and no warm-up: a model that keeps state has seen its input once, as on the host.
        protocol = replace(protocol, num_runs=1, min_secs=0.0, warmup_runs=0, warmup_min_secs=0.0, idle_s=0.0)
    if session.kind == "cold":
        # Its figures are init and the first run; the program calls the first run of the warm-up the first.
        protocol = replace(protocol, num_runs=1, min_secs=0.0, warmup_runs=1, warmup_min_secs=0.0, idle_s=0.0)
    if session.work != 1:
        protocol = replace(
            protocol, num_runs=protocol.num_runs * session.work, min_secs=protocol.min_secs * session.work
        )
    if session.extra_args:
        protocol = replace(protocol, extra_args=(*protocol.extra_args, *session.extra_args))
    if session.kind in PROTOCOLS:
        protocol = PROTOCOLS[session.kind](protocol)
    return block if protocol is block.protocol else replace(block, protocol=protocol)
