"""One dead letter: its id, its columns as they are read back, its error."""
