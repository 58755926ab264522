"""What a fleet has done by itself when something failed, as Valkey knows it."""
