"""nginx, Apache and Caddy in front of a folder of files, and Squid as a proxy: each on a free port of loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leeward.embedded.free_port import free_port
from tests.support.real_servers.program import program, running
from tests.support.real_servers.tls import Tls

_APACHE_MODULES = Path("/usr/lib/apache2/modules")
_MODULES = ("mpm_event", "authz_core", "dir", "mime", "filter", "deflate", "headers", "alias", "env")


@contextmanager
def nginx(folder: Path, files: Path, tls: Tls | None = None, *, locations: str = "") -> Iterator[int]:
    """Yields its port. `locations` go into its server block; its log is `access.log` in the folder: status, path, range and bytes."""
    port = free_port()
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    configuration = folder / "nginx.conf"
    configuration.write_text(f"""
        daemon off; worker_processes 2; pid {folder}/nginx.pid;
        events {{ worker_connections 256; }}
        http {{
            {" ".join(f"{name}_temp_path {folder}/{name};" for name in temporary)}
            types {{ text/html html; video/mp4 mp4; application/gzip gz; }} default_type application/octet-stream;
            log_format asked '$status $uri $http_range $body_bytes_sent'; access_log {folder}/access.log asked;
            sendfile on;
            server {{
                listen 127.0.0.1:{port} {"ssl http2" if tls else ""}; root {files};
                {f"ssl_certificate {tls.certificate}; ssl_certificate_key {tls.key};" if tls else ""}
                {locations}
            }}
        }}
    """)
    with running(
        [program("nginx", package="nginx-light"), "-c", configuration, "-e", folder / "nginx.log"], folder, port
    ):
        yield port


@contextmanager
def apache(folder: Path, files: Path, *, directives: str = "") -> Iterator[int]:
    """Yields its port. `directives` end its configuration."""
    port, server = free_port(), program("apache2", package="apache2-bin")
    loaded = "\n".join(
        f"LoadModule {name}_module {_APACHE_MODULES}/mod_{name}.so"
        for name in _MODULES
        if (_APACHE_MODULES / f"mod_{name}.so").exists()
    )
    configuration = folder / "apache.conf"
    configuration.write_text(f"""
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
Listen 127.0.0.1:{port}
{loaded}
TypesConfig /dev/null
DocumentRoot {files}
<Directory {files}>
Require all granted
</Directory>
{directives}
""")
    with running([server, "-f", configuration, "-DFOREGROUND"], folder, port):
        yield port


@contextmanager
def caddy(folder: Path, files: Path, tls: Tls) -> Iterator[int]:
    """Yields its port: TLS, HTTP/2 for those who ask for it, gzip and zstd for those who accept them."""
    port, server = free_port(), program("caddy", package="caddy")
    configuration = folder / "Caddyfile"
    configuration.write_text(f"""
{{
    admin off
    auto_https off
    storage file_system {folder}/store
}}
https://localhost:{port} {{
    bind 127.0.0.1
    tls {tls.certificate} {tls.key}
    encode gzip zstd
    file_server {{
        root {files}
    }}
}}
""")
    with running([server, "run", "--config", configuration, "--adapter", "caddyfile"], folder, port):
        yield port


@contextmanager
def squid(folder: Path, *, rules: str = "http_access allow all") -> Iterator[int]:
    """Yields its port. `rules` say who may ask for what."""
    port, server = free_port(), program("squid", package="squid")
    configuration = folder / "squid.conf"
    configuration.write_text(f"""
http_port 127.0.0.1:{port}
pid_filename {folder}/squid.pid
access_log stdio:{folder}/squid-access.log
cache_log {folder}/squid.log
coredump_dir {folder}
cache_mem 8 MB
shutdown_lifetime 0 seconds
{rules}
""")
    with running([server, "-N", "-f", configuration], folder, port):
        yield port
