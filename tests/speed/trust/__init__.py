"""How far the harness's numbers can be trusted: simulations against a truth that is known.

Each part is a module with `HEAD`, the names of its columns, and `rows()`, its table as text; a part that draws at random
takes a seed. A cell that begins with `MISSED` is a bar that was not reached, and makes the command end with 1.
"""
