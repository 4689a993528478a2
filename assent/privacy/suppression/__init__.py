"""Suppression: objected, restricted, unsubscribed, bounced; it beats every basis."""
