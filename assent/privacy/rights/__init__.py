"""Rights: what a person may ask for, and what answers for it."""
