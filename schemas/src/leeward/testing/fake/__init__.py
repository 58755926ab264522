"""The client of a fleet that exists in the memory of a test."""
