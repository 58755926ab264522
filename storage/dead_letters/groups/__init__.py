"""Failures with one cause: how they are recognised, counted and diagnosed."""
