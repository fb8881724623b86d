"""How well the call plan is kept, as of a day: what is due, what was made of what was planned, whom to call next (F25-F32, F39)."""
