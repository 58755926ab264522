"""`python -m providers.plextv`: signs a person in at plex.tv and writes the token of a server of theirs to a file.

The token goes into the file alone, which only its owner can read: it is not shown.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import SecretStr, ValidationError

from leeward.extension.errors import ProviderError
from providers.plextv.provider import PlexTv
from providers.plextv.servers import ServerAccess
from providers.plextv.settings import PlexTvSettings
from providers.plextv.sign_in import SignIn

OWNER_ALONE = 0o600
_REFUSED = 1
_WRONG_ARGUMENTS = 2


class NoServer(Exception):
    """Raised when it cannot be said whose token is wanted."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = PlexTvSettings.model_validate({name: value for name, value in _settings(options) if value})
    except ValidationError as error:
        return _failed(f"{error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}", _WRONG_ARGUMENTS)
    plextv = PlexTv("plextv", settings)
    plextv.open()
    try:
        run(plextv.sign_in, options.server, options.token_file, say=_say)
    except (ProviderError, NoServer, OSError) as error:
        return _failed(str(error), _REFUSED)
    finally:
        plextv.close()
    return 0


def run(sign_in: SignIn, server: str | None, token_file: Path, *, say: Callable[[str], None]) -> None:
    """Signs in, and writes the token.

    Raises:
        NoServer: the account has none that it owns, or several and `server` names none of them.
        OSError: the file cannot be written.
        ProviderError: plex.tv refuses, or no one signed in in time.
    """
    pin = sign_in.create_pin()
    say(f"Sign in on this page, as the owner of the server:\n\n  {sign_in.url_for(pin)}\n")
    token = sign_in.wait_for(pin).token
    assert token is not None
    account = sign_in.account(token)
    chosen = choose(sign_in.servers(token), server)
    write_token(token_file, chosen.token)
    ways = "\n".join(f"  {one.url}{_kind(one.is_local, one.is_relay)}" for one in chosen.connections) or "  none"
    say(
        f"Signed in as {account.username}. The token of {chosen.name} is in\n{token_file}.\n\nIt is reached at:\n{ways}"
    )


def choose(servers: Sequence[ServerAccess], name: str | None) -> ServerAccess:
    """The one of that name, or the only one.

    Raises:
        NoServer: there is none, or several.
    """
    owned = [one for one in servers if one.is_owned and (name is None or name.casefold() == one.name.casefold())]
    if len(owned) == 1:
        return owned[0]
    known = ", ".join(one.name for one in servers if one.is_owned) or "none"
    raise NoServer(f"Say with --server which server is meant. Those that the account owns: {known}.")


def write_token(path: Path, token: SecretStr) -> None:
    """Writes a file that its owner alone can read from its first moment on; one that stands is replaced whole."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE), "w") as file:
        file.write(token.get_secret_value() + "\n")
    new.replace(path)


def _settings(options: argparse.Namespace) -> list[tuple[str, str | None]]:
    names = ("client_identifier", "product", "url", "clients_url", "app_url")
    return [(name, getattr(options, name)) for name in names]


def _kind(is_local: bool, is_relay: bool) -> str:  # two flags of a connection
    return " (relay)" if is_relay else " (local)" if is_local else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m providers.plextv", description="Signs in at plex.tv and writes a server's token to a file."
    )
    parser.add_argument("--client-identifier", required=True, help="a name of this installation that never changes")
    parser.add_argument("--token-file", type=Path, required=True, help="where the token is written")
    parser.add_argument("--server", help="the name of the server, where the account owns several")
    parser.add_argument("--product", help="what plex.tv calls this installation")
    for name in ("url", "clients-url", "app-url"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _failed(why: str, code: int) -> int:
    sys.stderr.write(f"{why}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
