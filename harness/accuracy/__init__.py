"""How right a model is: on this machine against the original, and on a phone against this machine."""
