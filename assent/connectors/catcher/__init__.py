"""Keeps mails instead of sending them, for the mail catcher page."""
