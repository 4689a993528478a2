"""Foundation: clock, ids, keys and scope; words without a domain."""
