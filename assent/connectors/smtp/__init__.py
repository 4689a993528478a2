"""E-mail over SMTP: pooled connections, one message at most once."""
