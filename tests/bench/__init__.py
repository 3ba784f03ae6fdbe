"""Measures the hub against floors in the same run: see docs/measuring-speed.md."""
