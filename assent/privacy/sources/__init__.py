"""Where data that a person did not give came from, whether the person was told, and by when they have to be (art. 14)."""
