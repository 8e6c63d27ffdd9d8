"""Benchmark TensorFlow Lite models on a rack of Android phones over adb."""

__version__ = "0.1.0"
