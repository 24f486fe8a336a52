"""Mutated answers of the supplier against a second reading of the same contract (`make fuzz`)."""
