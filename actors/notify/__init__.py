"""Actors of the `notify` family."""
