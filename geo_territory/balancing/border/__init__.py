"""The search along borders."""
