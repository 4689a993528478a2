"""A person's own pages: what is held of them and why, what they choose, what they ask for, and what came of it."""
