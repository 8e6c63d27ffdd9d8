"""Virtual phones that a real adb server talks to. All that comes from here says `virtual`."""
