"""The rings: what happens around every job, one concern a file. `order.py` is the table of contents."""
