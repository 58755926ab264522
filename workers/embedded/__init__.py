"""Valkey and PostgreSQL from wheels: for development, the demo and the tests. A fleet brings its own servers."""

from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.server_process import ServerDidNotStart
from workers.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "ServerDidNotStart"]
