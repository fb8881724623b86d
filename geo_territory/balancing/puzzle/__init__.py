"""Few heavy units beside a tight tolerance."""
