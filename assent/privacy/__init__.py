"""Privacy: what is promised, chosen, allowed and owed."""
