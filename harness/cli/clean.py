"""`harness clean`: remove what the harness put on phones."""

from __future__ import annotations

from harness.cli.options import AsJson, Device


def clean(device: Device = None, as_json: AsJson = False) -> None:
    """End what the harness runs on phones, and remove its models, programs and data from them.

    Example: harness clean --device R58M12ABCDE
    """
    from harness.adb.server import AdbServer
    from harness.cli.select import usable
    from harness.phones.clean import clean_phone
    from harness.phones.tiers import load_rules

    with AdbServer.from_environment() as server:
        cleaned = []
        for seen in usable(server, load_rules(None), tuple(device or ()), healthy_only=False):
            assert seen.phone is not None
            cleaned.append({"serial": seen.serial, "freed_kb": clean_phone(seen.phone)})
    if as_json:
        import json

        print(json.dumps({"schema": 1, "rows": cleaned}, indent=2))
        return
    for item in cleaned:
        print(f"{item['serial']}: {item['freed_kb']} kB removed")
    print(f"{len(cleaned)} phones cleaned.")
