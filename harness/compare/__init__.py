"""A/B on one phone in one session: two arms in turns, a paired interval, a verdict; knows no command line."""
