from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.http_client.special_addresses import refusal


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "2606:4700::1111", "2a00::1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert refusal(address, allow_private=False) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("::1", "loopback"),
        ("fd00:ec2::254", "private"),
    ],
)
def test_private_addresses_are_refused_unless_they_are_allowed(address: str, kind: str) -> None:
    assert refusal(address, allow_private=False) == kind
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "this host"),
        ("::", "this host"),
        ("169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("168.63.129.16", "a cloud's host services"),
        ("192.0.0.192", "reserved"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "6to4 relay"),
        ("198.19.0.1", "benchmarking"),
        ("198.51.100.7", "documentation"),
        ("203.0.113.7", "documentation"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("fec0::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("100::1", "reserved"),
        ("64:ff9b:1::1", "reserved"),
    ],
)
def test_addresses_that_are_nobodys_host_are_refused_in_any_case(address: str, kind: str) -> None:
    assert refusal(address, allow_private=False) == kind
    assert refusal(address, allow_private=True) == kind


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("64:ff9b::10.0.0.1", "private"),
        ("::127.0.0.1", "reserved"),
        ("::ffff:0:127.0.0.1", "reserved"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:7f00:1::", "reserved"),
        ("2a00::5efe:7f00:1", "ISATAP"),
        ("2a00::200:5efe:7f00:1", "ISATAP"),
    ],
)
def test_an_address_inside_an_address_is_refused(address: str, kind: str) -> None:
    assert refusal(address, allow_private=False) == kind


@pytest.mark.parametrize("address", ["::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_a_public_address_inside_an_address_is_allowed(address: str) -> None:
    assert refusal(address, allow_private=False) is None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_its_mapped_form(address: IPv4Address) -> None:
    mapped = IPv6Address((0xFFFF << 32) | int(address))

    assert refusal(str(mapped), allow_private=False) == refusal(str(address), allow_private=False)


@given(st.ip_addresses())
def test_whatever_python_calls_not_global_is_refused(address: IPv4Address | IPv6Address) -> None:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # Of the registries' globally reachable exceptions, newer Pythons know a few addresses that no host of files has.
    if not address.is_global or address.is_multicast:
        assert refusal(str(address), allow_private=False) is not None


@given(st.ip_addresses())
def test_allowing_private_addresses_never_refuses_more(address: IPv4Address | IPv6Address) -> None:
    if refusal(str(address), allow_private=False) is None:
        assert refusal(str(address), allow_private=True) is None


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError):
        refusal("localhost", allow_private=True)
