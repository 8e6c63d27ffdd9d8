"""The adb daemon of a virtual phone: wire format, streams, services."""
