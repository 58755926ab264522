"""How dead jobs become rows: drained from the outboxes, or imported."""
