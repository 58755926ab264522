"""Changing the schema of tables that are in use: no reader or writer waits for longer than a moment."""

from storage.online.brief import SchemaBusy, alone, together
from storage.online.indexes import add_index_online, build_index

__all__ = ["SchemaBusy", "add_index_online", "alone", "build_index", "together"]
