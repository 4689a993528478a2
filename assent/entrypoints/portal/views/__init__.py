"""The pages, one module a room of them."""
