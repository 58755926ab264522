"""A certificate for `localhost`, of an authority of its own."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Tls:
    """`authority` is what a client has to trust; `certificate` and `key` are the server's."""

    authority: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Tls":
        own = trustme.CA()
        made = cls(folder / "authority.pem", folder / "server.pem", folder / "server.key")
        server = own.issue_cert("localhost")
        own.cert_pem.write_to_path(str(made.authority))
        server.private_key_pem.write_to_path(str(made.key))
        for chained in server.cert_chain_pems:
            chained.write_to_path(str(made.certificate), append=True)
        made.key.chmod(0o644)  # the server's account is another one
        return made
