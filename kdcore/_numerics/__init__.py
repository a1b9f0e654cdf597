"""Sums and expansions behind the exact values: binomial laws, occupancy, risks from few samples."""
