"""Lake: the only room that speaks columnar."""
