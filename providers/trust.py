"""Whose certificates a provider's client trusts. Nothing here is read from the environment."""

import ssl
from pathlib import Path

import certifi


class CaFileInvalid(ValueError):
    """Raised when a file of certificates cannot be used. The message says what to do; it holds nothing of the file."""


def trust(ca_file: Path | None = None) -> ssl.SSLContext:
    """A context for clients: host names are checked, TLS 1.2 is the oldest version.

    It trusts the authorities of the platform (certifi's where the platform has none), and the certificates in `ca_file`
    besides. `ssl.create_default_context` is not used: it obeys SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE, so that
    a person who sets a variable could choose whom we trust or read along.

    Raises:
        CaFileInvalid: `ca_file` cannot be read, or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A server's own certificate, or an intermediate one, may be what an operator trusts. Python 3.13 has it on by default.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    _trust_platform(context)
    if ca_file is not None:
        _trust_file(context, ca_file)
    return context


def _trust_platform(context: ssl.SSLContext) -> None:
    # The compiled-in places, without the variables that may replace them. Folders are read as they are needed.
    places = ssl.get_default_verify_paths()
    file, folder = Path(places.openssl_cafile), Path(places.openssl_capath)
    has_file, has_folder = file.is_file(), folder.is_dir() and any(folder.iterdir())
    if has_file or has_folder:
        context.load_verify_locations(str(file) if has_file else None, str(folder) if has_folder else None)
    else:
        context.load_verify_locations(certifi.where())


def _trust_file(context: ssl.SSLContext, ca_file: Path) -> None:
    # The parser says the same of an empty file and of an unreadable one; the sentences here do not.
    try:
        pem = ca_file.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise CaFileInvalid(
            f"{ca_file} cannot be read ({error.strerror}): give the path of a file of certificates in PEM form"
        ) from error
    if "-----BEGIN CERTIFICATE-----" not in pem and "-----BEGIN TRUSTED CERTIFICATE-----" not in pem:
        raise CaFileInvalid(f"{ca_file} holds no certificate: write those to trust into it, each in PEM form")
    try:
        context.load_verify_locations(cafile=str(ca_file))
    except (ssl.SSLError, OSError) as error:
        raise CaFileInvalid(f"{ca_file} holds a damaged certificate: write the file again, in PEM form") from error
