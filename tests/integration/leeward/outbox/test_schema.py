"""The table is the same whether it is made by SQL or from the application's own metadata."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect

from leeward import outbox


def test_the_sql_can_be_repeated_and_taken_back(shop_url: str) -> None:
    with psycopg.connect(shop_url) as connection:
        outbox.create_table(connection)
        for statement in outbox.DOWNGRADE:
            connection.execute(statement)
        assert connection.execute("SELECT to_regclass('leeward_outbox')").fetchone() == (None,)


def test_alembic_finds_no_difference_between_the_sql_and_the_metadata(shop_url: str) -> None:
    metadata = MetaData()
    outbox.define_table(metadata)
    engine = create_engine(shop_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        by_sql = inspect(connection).get_indexes("leeward_outbox")
        options = inspect(connection).get_table_options("leeward_outbox")
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert inspect(connection).get_indexes("leeward_outbox") == by_sql
        assert inspect(connection).get_table_options("leeward_outbox") == options
    engine.dispose()
