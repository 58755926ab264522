"""Kinds of the `register` family: who should become a user."""
