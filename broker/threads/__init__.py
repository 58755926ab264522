"""Threads that a process cannot do without."""
