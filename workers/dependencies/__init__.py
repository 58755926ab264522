"""What providers depend on: declared, looked at, and as a graph."""
