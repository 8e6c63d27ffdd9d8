"""The whole story of one number: what it is, how it came about, and what speaks against it."""
