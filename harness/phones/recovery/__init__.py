"""The rungs of the ladder of recovery: one way each to bring a phone back."""
