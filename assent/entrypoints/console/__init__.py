"""The console for staff."""
