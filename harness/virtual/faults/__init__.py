"""Faults that a virtual phone is told to have: one class a kind, in `catalogue`; fault files by `load_faults`."""

from __future__ import annotations

from harness.virtual.faults.catalogue import load
from harness.virtual.faults.fault import kinds, parameters
from harness.virtual.faults.plan import PhonePlan, load_faults
from harness.virtual.faults.standing import How, Standing, WrongOutputs

__all__ = ["SHARED", "How", "PhonePlan", "Standing", "WrongOutputs", "kinds", "load_faults", "parameters"]
#: How to give any kind its time.
SHARED = "at_s; or when: {event, nth, match} and after_s; and times, every_s (seconds of the phone's clock)."
load()
