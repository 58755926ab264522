"""Processes that stopped, and the jobs that may have stopped them."""
