"""Measurements: ratios in one run against a stated baseline."""
