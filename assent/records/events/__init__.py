"""Events: what happened, kept for the purposes it was admitted for."""
