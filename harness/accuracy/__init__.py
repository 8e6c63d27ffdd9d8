"""How right a model is, on this machine: datasets, metrics, and variants against the original on the same examples."""
