"""How a job reaches Valkey: its keys, its message, and the scripts that run there."""
