"""Redrawing an alignment by hand: edits, the draft they make, and what it weighs."""
