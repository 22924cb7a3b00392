"""Measurements: ratios against an outside yardstick in the same run, never absolute times."""
