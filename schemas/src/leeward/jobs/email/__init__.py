"""Kinds of the `email` family: what should be sent by mail."""
