"""Postfix with Dovecot and Postgrey beside it: a mail server that keeps every mail as a file."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from leeward.embedded.free_port import free_port
from tests.support.real_servers.program import REQUIRED, open_folder, program, running
from tests.support.real_servers.tls import Tls
from tests.support.waiting import wait_until

USER, PASSWORD = "fleet", "s3cret-Pass!"
_MASTER = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class MailServer:
    """Listens at a port for each of the services that it was made with.

    Attributes:
        ports: service -> port.
        tls: whom its certificate is from.
        kept: where mails that have arrived are.
    """

    ports: dict[str, int]
    tls: Tls
    kept: Path

    def mails(self) -> list[bytes]:
        """What has arrived so far, in no order."""
        return [path.read_bytes() for path in (self.kept / "new").glob("*")] if self.kept.exists() else []

    def arrived(self, count: int) -> list[bytes]:
        """Waits until so many are there."""
        return wait_until(
            lambda: len(found := self.mails()) >= count and found, description=f"{count} mails", timeout=60
        )


@contextmanager
def mail_server(services: Mapping[str, Sequence[str]]) -> Iterator[MailServer]:
    """Postfix, with options of smtpd for each service, as `-o` takes them. `{dovecot}` and `{postgrey}` in them are where those two listen.

    Needs root: Postfix changes its account for each of its parts.
    """
    postfix, dovecot, postgrey = (program(name, package=of) for name, of in _PROGRAMS)
    if os.geteuid() != 0:
        reason = "Postfix runs only where it is started by root"
        pytest.fail(reason) if os.environ.get(REQUIRED) else pytest.skip(reason)
    with open_folder() as folder, ExitStack() as stack:
        tls, beside = Tls.make(folder), {"dovecot": str(folder / "auth"), "postgrey": str(free_port())}
        ports = {name: free_port() for name in services}
        _configure(folder, tls, ports, {name: [one.format(**beside) for one in own] for name, own in services.items()})
        if any("{dovecot}" in one for own in services.values() for one in own):
            stack.enter_context(_dovecot(dovecot, folder))
        if any("{postgrey}" in one for own in services.values() for one in own):
            stack.enter_context(_postgrey(postgrey, folder, int(beside["postgrey"])))
        command = [postfix, "-c", str(folder / "etc")]
        subprocess.run([*command, "start"], check=True, capture_output=True, timeout=60)
        stack.callback(subprocess.run, [*command, "stop"], check=False, capture_output=True, timeout=60)
        yield MailServer(ports, tls, folder / "mail" / "all")


_PROGRAMS = (("postfix", "postfix"), ("dovecot", "dovecot-core"), ("postgrey", "postgrey"))


def _configure(folder: Path, tls: Tls, ports: dict[str, int], services: dict[str, list[str]]) -> None:
    etc, data = folder / "etc", folder / "data"
    for one in (etc, folder / "spool", data, folder / "mail"):
        one.mkdir()
    subprocess.run(["chown", "postfix", data], check=True)
    subprocess.run(["chown", "nobody:nogroup", folder / "mail"], check=True)
    (etc / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {data}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
message_size_limit = 60000000
virtual_mailbox_limit = 0
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_cert_file = {tls.certificate}
smtpd_tls_key_file = {tls.key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_client_event_limit_exceptions =
smtpd_client_connection_rate_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject
postscreen_greet_wait = 1s
postscreen_access_list =
""")
    lines = [_service(ports[name], options) for name, options in services.items()]
    (etc / "master.cf").write_text("\n".join(lines) + _MASTER)


def _service(port: int, options: list[str]) -> str:
    if options == ["postscreen"]:
        return f"127.0.0.1:{port} inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd"
    return f"127.0.0.1:{port} inet n - n - - smtpd" + "".join(f"\n  -o {one}" for one in options)


@contextmanager
def _dovecot(dovecot: str, folder: Path) -> Iterator[None]:
    base = folder / "dovecot"
    base.mkdir()
    (base / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    configuration = base / "dovecot.conf"
    configuration.write_text(f"""
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
protocols =
ssl = no
auth_mechanisms = plain login cram-md5
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
""")
    with subprocess.Popen([dovecot, "-F", "-c", configuration], stderr=subprocess.DEVNULL) as process:
        try:
            wait_until((folder / "auth").exists, description="dovecot listens", timeout=30)
            yield
        finally:
            process.terminate()


@contextmanager
def _postgrey(postgrey: str, folder: Path, port: int) -> Iterator[None]:
    kept = folder / "postgrey"
    kept.mkdir()
    subprocess.run(["chown", "nobody:nogroup", kept], check=True)
    options = [f"--inet=127.0.0.1:{port}", "--delay=1", f"--dbdir={kept}", "--user=nobody", "--group=nogroup"]
    with running([postgrey, *options, "--auto-whitelist-clients=0"], kept, port):
        yield
