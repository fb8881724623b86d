"""Geo Territory: contiguous, balanced sales territories from an account list."""

__version__ = "0.1.0"
