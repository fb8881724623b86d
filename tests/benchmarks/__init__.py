"""Benchmarks: each prints one table, runs its rivals in the same run, and asserts no time. `make bench` runs them all."""
