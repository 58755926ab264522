"""The lock that every relay shares while it is connected."""

RELAY_LOCK = (0x6C_65_65_77, 0x6F_62)
"""`leew`, `ob`: the two keys of an advisory lock of PostgreSQL, in the outbox's database."""
