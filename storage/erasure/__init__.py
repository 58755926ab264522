"""Taking one person's data out of PostgreSQL, and the record that it was done."""
