import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.downloads.disk.part_record import PartRecord, source_digest


@given(
    st.builds(
        PartRecord,
        source=st.text(max_size=64),
        etag=st.none() | st.text(max_size=20),
        total=st.none() | st.integers(min_value=0, max_value=2**60),
        durable_bytes=st.integers(min_value=0, max_value=2**60),
        pieced=st.booleans(),
        mismatched=st.booleans(),
    )
)
def test_a_record_comes_back_as_it_was(record: PartRecord) -> None:
    assert PartRecord.decode(record.model_dump_json().encode()) == record


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"version":2,"source":"x"}',
        b'{"version":1,"source":5}',
        b'{"version":1,"source":"x","durable_bytes":-1}',
        b'{"version":1,"source":"x","durable_bytes":"7"}',
        b'{"version":1,"source":"x","surprise":1}',
        b"\xff\xfe",
    ],
)
def test_what_we_did_not_write_is_not_believed(found: bytes) -> None:
    assert PartRecord.decode(found) is None


def test_the_url_itself_is_not_kept() -> None:
    assert "secret" not in source_digest("http://h/a?token=secret")
