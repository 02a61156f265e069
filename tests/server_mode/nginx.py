"""The nginx site of `infra/nginx` before two API processes and the web UI, by plain HTTP on a port of this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_SITE = Path(__file__).parents[2] / "infra" / "nginx" / "assistant.conf"


def configuration(folder: Path, port: int, apis: Sequence[int], ui: int) -> Path:
    """Write a whole configuration with the site as it is shipped but for ports, name and TLS, and return its path.

    TLS is left out, as browsers and clients of a test would have to be made to trust a certificate; tests/infra has it.
    """
    site = _SITE.read_text(encoding="utf-8")
    redirect, tls = site.index("server {\n  listen 80;"), site.index("server {\n  listen 443")
    site = site[:redirect] + site[tls:]
    for pattern, instead in (
        (r"^ *listen \[::\].*\n", ""),
        (r"^ *ssl_.*\n", ""),
        (r"^ *add_header Strict-Transport-Security.*\n", ""),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        (r"server_name .*;", "server_name 127.0.0.1;"),
        (r"X-Forwarded-Proto https;", "X-Forwarded-Proto http;"),
        (r"  server 127\.0\.0\.1:8090;\n", "".join(f"  server 127.0.0.1:{one};\n" for one in apis)),
        (r"127\.0\.0\.1:8091", f"127.0.0.1:{ui}"),
    ):
        site, changed = re.subn(pattern, instead, site, flags=re.MULTILINE)
        assert changed, pattern
    (folder / "site.conf").write_text(site, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ access_log off;\n{temporary}include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )
    return whole
