"""Files: sealed under the key of the person they are about."""
