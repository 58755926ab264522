"""Read these first: one file per promise, the happy path, real servers, nothing replaced."""
