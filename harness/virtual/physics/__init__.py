"""The physics of a virtual phone: heat, power, clocks, battery, gauge. Pure: time is passed in."""
