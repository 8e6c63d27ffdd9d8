"""Power and energy: what a phone draws, from whatever source tells it, and when that cannot be known. Pure.

A gauge is believed only on battery, and only after its unit, sign, refresh and lag are proven; energy of one inference
is what was drawn over the idle phone, with a budget of its errors. The gain of a gauge (some percent off, more on some
phones) stays unknown: figures of one phone compare with each other, figures of two phones only roughly.
"""
