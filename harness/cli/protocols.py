"""`harness protocols`: what each named protocol sets, and what it guarantees."""

from __future__ import annotations

from harness.cli.options import AsJson


def protocols(as_json: AsJson = False) -> None:
    """List the protocols that `--protocol` and a suite's `protocol:` know. Example: harness protocols"""
    from harness.benchmark.protocols import PROTOCOLS

    if as_json:
        import dataclasses
        import json

        rows = [dataclasses.asdict(p) for p in PROTOCOLS.values()]
        print(json.dumps({"schema": 1, "rows": rows}, indent=2, ensure_ascii=False))
        return
    for protocol in PROTOCOLS.values():
        print(f"{protocol.name}: {protocol.help}")
        for text in protocol.guarantees:
            print(f"  - {text}")
        values = ", ".join(f"{k} {v:g}" if isinstance(v, float) else f"{k} {v}" for k, v in protocol.values.items())
        print(f"  {protocol.sessions} sessions; {values or 'every value as a suite has it by default'}")
    print(f"{len(PROTOCOLS)} protocols; a suite may change single values: protocol: {{name: energy, idle_s: 90}}")
