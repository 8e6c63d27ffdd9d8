"""What `--dry-run` shows of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.benchmark.plan import estimate_block_s, limit_block_s

if TYPE_CHECKING:
    from harness.benchmark.plan import Plan
    from harness.benchmark.planned import PlannedJob


def show_plan(plan: Plan, as_json: bool) -> None:
    """Print it for people, or as one JSON document."""
    if as_json:
        import json

        print(json.dumps(_document(plan), indent=2, ensure_ascii=False, allow_nan=False))
        return
    for job in plan.jobs:
        block = job.typical
        time = f"{estimate_block_s(block):.0f} to {limit_block_s(block):.0f} s"
        print(f"{_where(job)}: {len(block.sessions)} sessions, {time}")
        for session in block.sessions:
            key = session.key
            options = " ".join(f"{k}={v}" for k, v in key.options.items())
            what = {"outputs": f"outputs of input {session.sample}", "timing": None}.get(session.kind, session.kind)
            where = None if session.context == "shell" else f"in the {session.context}"
            words = (key.model, key.variant, key.delegate, options, f"{key.threads} threads", where, what)
            print(f"  {session.index:4d}  {' '.join(w for w in words if w)}")
    time = f"{plan.estimate_s():.0f} s where phones stay cool and {plan.limit_s():.0f} s at most"
    print(f"{plan.words()} on {len(plan.jobs)} phones: {time}.")


def _where(job: PlannedJob) -> str:
    if job.phone_id is not None:
        return job.phone_id
    if len(job.phones) == 1:
        return f"{job.name} ({job.phones[0]})"
    return f"{job.name} (the first that is free of {', '.join(job.phones)})"


def _document(plan: Plan) -> dict[str, Any]:
    from harness.records import to_json

    rows = [
        {
            "phone_id": job.phone_id,
            "job": job.name,
            "phones": list(job.phones),
            "estimate_s": estimate_block_s(job.typical),
            "limit_s": limit_block_s(job.typical),
            "sessions": [
                {
                    "index": s.index,
                    "repeat": s.repeat,
                    "kind": s.kind,
                    **to_json(s.key),
                    "context": s.context,
                    "outputs_input": s.sample,
                }
                for s in job.typical.sessions
            ],
        }
        for job in plan.jobs
    ]
    times = {"estimate_s": plan.estimate_s(), "limit_s": plan.limit_s()}
    skipped = [to_json(s) for s in plan.skipped]
    return {"schema": 1, **times, "rows": rows, "skipped": skipped, "fewer": list(plan.fewer)}
