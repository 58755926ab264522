"""Finding dead letters: filters, and the queries that answer them within a time budget."""
