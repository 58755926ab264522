"""Jobs as they are stored: without secrets, and within what PostgreSQL can hold."""
