"""Settings of the whole suite."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile

from hypothesis import settings

# Machines vary and share their cores: no test is judged by its time.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# A suite started in the background inherits an ignored SIGINT, and so would the programs whose Ctrl-C is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What commands remember of the rack goes where nobody else's is.
if "HARNESS_STATE" not in os.environ:
    os.environ["HARNESS_STATE"] = tempfile.mkdtemp(prefix="harness-state-")
    atexit.register(shutil.rmtree, os.environ["HARNESS_STATE"], ignore_errors=True)
