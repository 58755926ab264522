"""One delivery of a job: what it carries, and the ways in which it can end."""
