"""Valkey from an event loop: one connection, on which the commands of all tasks follow each other. No thread is behind it."""
