"""The command line: one Typer module a noun, each importing what it needs when called."""
