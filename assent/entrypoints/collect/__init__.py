"""The collector: takes events in and says yes only when they are safe on disk."""
