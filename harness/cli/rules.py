"""`harness rules`: what flags or voids a session."""

from __future__ import annotations

from harness.cli.options import AsJson


def rules(as_json: AsJson = False) -> None:
    """List every rule that flags a session or voids it: from where on it holds, and why.

    Example: harness rules --json
    """
    from harness.measure.rules import RULES

    found = sorted(RULES.values(), key=lambda rule: (not rule.voids, rule.name))
    if as_json:
        import json

        rows = [
            {"rule": r.name, "voids": r.voids, "meaning": r.meaning, "threshold": r.threshold, "why": r.why}
            for r in found
        ]
        print(json.dumps({"schema": 1, "rows": rows}, indent=2, ensure_ascii=False))
        return
    width = max(len(rule.name) for rule in found)
    for rule in found:
        print(f"{rule.name:<{width}}  {'void' if rule.voids else 'flag'}  {rule.meaning}")
        print(f"{'':<{width}}        holds from: {rule.threshold}")
        print(f"{'':<{width}}        because: {rule.why}")
    voids = sum(rule.voids for rule in found)
    print(f"{len(found)} rules: {voids} void a session, so that it counts for nothing; {len(found) - voids} flag it.")
