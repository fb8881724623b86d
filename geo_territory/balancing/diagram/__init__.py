"""Balanced power diagrams: the first territories."""
