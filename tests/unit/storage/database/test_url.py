import pytest

from storage.database.url import InvalidDatabaseUrl, parsed


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_spelling_of_postgresql_is_psycopg_3(scheme: str) -> None:
    address = parsed(f"{scheme}://who:p%40ss@host:5433/name?sslmode=require")

    assert address.drivername == "postgresql+psycopg"
    assert (address.password, address.port, address.database) == ("p@ss", 5433, "name")


@pytest.mark.parametrize(
    "url",
    ["", "mysql://u:topsecret@host/x", "host/topsecret", "postgresql://u:topsecret@host:port/x", "redis://topsecret"],
)
def test_another_url_is_refused_with_advice_and_without_its_password(url: str) -> None:
    with pytest.raises(InvalidDatabaseUrl, match="write postgresql://user:password@host:5432/database") as raised:
        parsed(url)

    assert "topsecret" not in str(raised.value)
    assert raised.value.__cause__ is None
