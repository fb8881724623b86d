"""What is wrong with an alignment drawn by hand, and the cheapest moves that mend it."""
