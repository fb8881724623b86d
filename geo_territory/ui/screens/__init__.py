"""One script per screen, in the order of the five steps."""
