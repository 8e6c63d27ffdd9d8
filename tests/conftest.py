"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# Machines vary and share their cores: no test is judged by its time.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
