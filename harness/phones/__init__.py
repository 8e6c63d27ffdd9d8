"""What a phone is and how it is: probe, identity, tiers, health, state knobs."""
