"""Whether a phone is fit for a run, and what to do where it is not: a check a class. Pure."""

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.health.registry import CHECKS, check_health

__all__ = ["CHECKS", "Finding", "HealthCheck", "check_health"]
