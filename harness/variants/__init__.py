"""From one trained model to measured candidates: recipe, conversion, inspection, lineage."""
