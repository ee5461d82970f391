"""Tries generated migrations on generated states, in a throw-away node."""
