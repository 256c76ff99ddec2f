"""Benches: each prints ratios, measured in one interleaved run on one broker; absolute figures are the machine's."""
