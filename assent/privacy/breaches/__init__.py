"""Breaches: what went wrong with people's data, whom it touches, how bad it is, and who is told in time (arts. 33, 34)."""
