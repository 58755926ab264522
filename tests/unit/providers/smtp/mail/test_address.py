# ruff: noqa: RUF001 # letters of other alphabets are what this is about
"""Addresses: the ASCII form is the domain that the producer meant, and nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.jobs.email.send import SendEmail
from providers.smtp.mail.address import InvalidAddress, ascii_form
from providers.smtp.mail.mailbox_identity import mailbox_key


@pytest.mark.parametrize(
    ("domain", "plain"),
    [
        ("faß.example", "xn--fa-hia.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("φως.example", "xn--3xahj.example"),
        ("ΦΩΣ.example", "xn--4xafj.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.EXAMPLE", "xn--bcher-kva.example"),
        ("ｆｕｌｌ.example", "full.example"),
        ("例え.example", "xn--r8jz45g.example"),
        ("é。example", "xn--9ca.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("Example.ORG", "Example.ORG"),
        ("mail_host.example", "mail_host.example"),
        ("localhost", "localhost"),
        ("[192.0.2.1]", "[192.0.2.1]"),
    ],
)
def test_a_domain_is_written_as_idna_2008_writes_it(domain: str, plain: str) -> None:
    assert ascii_form(f"Alice.B+x@{domain}") == f"Alice.B+x@{plain}"


@pytest.mark.parametrize(
    "address",
    [
        *(
            "jürgen@example.org",
            "a@",
            "@example.org",
            "a",
            "a@-.",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "(c)@x",
        ),
        *(
            "a b@example.org",
            "a@b c",
            "a@b\r\nRCPT TO:<c@d>",
            "a\r\n@b",
            '"a"@b',
            "a@b>",
            "<a@b",
            "a,b@c",
            "a@☃.example",
            "a@x..y",
        ),
        *(
            f"a@{'x' * 64}.org",
            f"a@{'é' * 60}.org",
            "a@a\u200db.example",
            "a@example.org.",
            "a@.org",
            "a@[300.1.1.1]",
            "a@[::1]",
            "a@%s",
        ),
        *("=?utf-8?q?x?=@example.org", "a=?b@example.org", "a@xn--a\u0301.example", "a@ex\u0000mple.org", "a@b\u2028c"),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(InvalidAddress, match="'"):
        ascii_form(address)


@given(st.text(), st.text())
def test_any_text_is_an_address_in_ascii_or_refused(local: str, domain: str) -> None:
    try:
        plain = ascii_form(f"{local}@{domain}")
    except InvalidAddress:
        return
    assert plain.isascii()
    assert plain.isprintable()
    assert not set(plain) & set(' <>,;:"()\\')
    assert ascii_form(plain) == plain
    assert mailbox_key(plain) == mailbox_key(f"{local}@{domain}")


@pytest.mark.parametrize(
    "address", ["=?utf-8?q?x?=@example.org", "a=?b@example.org", "==?@b", "a@b\u0085", "a\u2028@b"]
)
def test_an_address_that_a_header_cannot_hold_is_refused_at_enqueue(address: str) -> None:
    with pytest.raises(ValueError, match="to"):
        SendEmail(to=(address,), subject="s", text="t")


@pytest.mark.parametrize(
    "address", ["a=b@example.org", "=@example.org", "a==@example.org", "bounce+a=b.example@example.org", "a?=@b"]
)
def test_a_sign_of_equality_alone_is_no_reason(address: str) -> None:
    assert SendEmail(to=(address,), subject="s", text="t").to == (address,)
    assert ascii_form(address) == address
