"""Statements that are compiled once and then are text and parameters: compiling one takes SQLAlchemy longer than PostgreSQL's answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select

from storage.database.url import parsed

_DIALECT = parsed("postgresql:///").get_dialect()()


class CompiledQuery:
    """A query whose parameters and columns are of types that the driver reads and writes by itself. Thread-safe.

    It is asked with values for its parameters, by name; names that it does not have are left aside.
    """

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._compiled = query.compile(dialect=_DIALECT)

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        return self._executed(connection, "", values)

    def plan(self, connection: Connection, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What PostgreSQL would do: the outermost node of its plan."""
        ((explained,),) = self._executed(connection, "EXPLAIN (FORMAT JSON) ", values)
        plan: Mapping[str, Any] = explained[0]["Plan"]
        return plan

    def estimate(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows PostgreSQL reckons with."""
        return int(self.plan(connection, values)["Plan Rows"])

    def _executed(
        self, connection: Connection, before: str, values: Mapping[str, Any]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        parameters = self._compiled.construct_params(dict(values))
        return connection.exec_driver_sql(before + self._compiled.string, parameters).all()
