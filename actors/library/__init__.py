"""Actors of the libraries of media servers."""
