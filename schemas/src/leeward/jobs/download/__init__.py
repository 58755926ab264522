"""Kinds of the `download` family: what should be in a folder."""
