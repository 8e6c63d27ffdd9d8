"""What a delegate will refuse of a model and why, before any phone is asked; and how far a run agrees."""
