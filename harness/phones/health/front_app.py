"""Whether somebody, or some app, has the screen."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class FrontApp(HealthCheck):
    """An app in front keeps the GPU and memory, and may mean that a person holds the phone."""

    name = "front app"
    reads = "dumpsys window, and which package is the home screen"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note."""
        if probe.condition.front_app is None:
            return None
        message = f"the app {probe.condition.front_app} is in front"
        return self._found(message, "go to its home screen: adb shell input keyevent HOME", blocking=False)
