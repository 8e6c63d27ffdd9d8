"""`harness clean`: remove what the harness put on phones."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.options import AsJson, Device


def clean(
    device: Device = None,
    force: Annotated[bool, typer.Option("--force", help="Phones too that somebody has leased.")] = False,
    as_json: AsJson = False,
) -> None:
    """End what the harness runs on phones, and remove its models, programs and data from them.

    A phone that a run holds is left out. Example: harness clean --device R58M12ABCDE
    """
    import sys

    from harness.adb.server import AdbServer
    from harness.benchmark.selectors import parse_selectors, why_not
    from harness.errors import EnvironmentFault, HarnessError
    from harness.phones.clean import clean_phone
    from harness.phones.tiers import load_rules
    from harness.rack.gather import gather

    selectors = parse_selectors(tuple(device or ()))
    cleaned, left_out = [], 0
    with AdbServer.from_environment() as server:
        seen = gather(server, load_rules(None))
        for phone in seen:
            # A phone that is too full to be asked what it is can be cleaned all the same, if it is meant.
            known = phone.probe.record if phone.probe else None
            meant = why_not(selectors, known) is None if known else not device or phone.serial in device
            if not meant:
                continue
            try:
                if phone.phone is None:
                    raise EnvironmentFault(f"{phone.serial}: {phone.reason}")
                if not force and phone.probe and phone.probe.standing and (who := phone.probe.standing.holder_until):
                    raise EnvironmentFault(f"it is {who}", advice="wait for it, or add --force")
                cleaned.append({"serial": phone.serial, "freed_kb": clean_phone(phone.phone)})
            except HarnessError as error:
                print(f"{phone.serial} is left out: {error}", file=sys.stderr)
                left_out += 1
    if not cleaned and not left_out:
        raise EnvironmentFault("no phone matches" if seen else "no phone is connected", advice="see harness devices")
    if as_json:
        import json

        print(json.dumps({"schema": 1, "rows": cleaned}, indent=2))
    else:
        for item in cleaned:
            print(f"{item['serial']}: {item['freed_kb']} kB removed")
        print(f"{len(cleaned)} phones cleaned.")
    if left_out:
        raise SystemExit(1)
