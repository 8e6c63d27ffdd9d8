"""Readers of what phones and adb print: one small file a kind of dump, pure, each the only reader of its dump.

This room is shared: `phones`, `measure` and `cli` read dumps, and `measure` may import nothing of `phones`. It imports
nothing of the harness. Every reader takes any text and never raises; unknown lines are passed over, and what the text
does not say is None. `harness.dumps.kinds` names them all.
"""
