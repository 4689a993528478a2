"""The demonstration world: a mall, three brands, and real purchases by invented people."""
