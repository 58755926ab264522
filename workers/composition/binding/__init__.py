"""Actors declared on a broker, and the providers that they are given."""
