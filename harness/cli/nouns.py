"""The list of commands. A module is imported only for its signatures; heavy imports wait inside its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def register(app: typer.Typer) -> None:
    """Attach every noun to `app`, in the order in which help lists them."""
    from harness.cli import (
        bench,
        binaries,
        clean,
        compare,
        devices,
        doctor,
        explain,
        import_,
        meter,
        operators,
        parse,
        probe,
        protocols,
        queue,
        rack,
        report,
        rules,
        run,
        runs,
        schema,
        variants,
        virtual,
        watch,
    )

    for command in (
        bench.bench,
        run.run,
        compare.compare,
        report.report,
        explain.explain,
        rules.rules,
        runs.runs,
        devices.devices,
        doctor.doctor,
        clean.clean,
    ):
        app.command()(command)
    app.command()(operators.operators)
    app.command()(queue.queue)
    app.command()(watch.watch)
    app.command()(probe.probe)
    app.command()(parse.parse)
    app.command("import")(import_.import_)
    app.command()(meter.meter)
    app.command()(schema.schema)
    app.command()(protocols.protocols)
    app.add_typer(binaries.app, name="binaries")
    app.add_typer(rack.app, name="rack")
    app.add_typer(variants.app, name="variants")
    app.add_typer(virtual.app, name="virtual")
