"""Whether a variant is right: on the host against the original, and on a phone against the host."""
