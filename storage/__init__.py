"""PostgreSQL: the tables, one module of queries a table, the migrations. Knows nothing of Valkey."""
