"""Dispatch: the gate out, where a message becomes cleared or is refused."""
