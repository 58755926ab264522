"""Valkey and PostgreSQL from wheels: for development, the demo and the tests. A fleet brings its own servers."""

from leeward.embedded.server_process import ServerDidNotStart
from leeward.embedded.valkey import EmbeddedValkey
from workers.embedded.postgres import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "ServerDidNotStart"]
