"""Releases: where their beams are."""
