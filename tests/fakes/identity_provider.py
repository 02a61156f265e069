"""A real identity provider: django-allauth's, on Django, in a process of its own.

`python -m tests.fakes.identity_provider PORT BACK` serves it at `http://127.0.0.1:PORT`, with the people `ann` (groups
hr and staff) and `bob` (none), whose passwords are PASSWORD, and the client CLIENT that may lead back to `BACK`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fakes.processes import end

CLIENT, SECRET, PASSWORD = "assistant", "a secret of the client", "birds sing at dawn"

SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "of a test",
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "ROOT_URLCONF": "tests.fakes.identity_provider_pages",
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "INSTALLED_APPS": [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.idp.oidc",
    ],
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    "ACCOUNT_LOGIN_METHODS": {"username"},
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_RATE_LIMITS": False,
    "SESSION_COOKIE_NAME": "provider_session",  # cookies are by host, not by port
    "CSRF_COOKIE_NAME": "provider_csrf",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "IDP_OIDC_ADAPTER": "tests.fakes.identity_provider_pages.Adapter",
}


@contextmanager
def running_provider(port: int, back: str, log: Path) -> Iterator[str]:
    """Start it, and yield its issuer once it answers."""
    import httpx

    command = [sys.executable, "-m", "tests.fakes.identity_provider", str(port), back]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=Path(__file__).parents[2])
    issuer = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 120
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=30).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield issuer
    finally:
        end(process)


def _serve(port: int, back: str, folder: Path) -> None:
    import django
    from cheroot.wsgi import Server
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from django.conf import settings
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}
    settings.configure(**SETTINGS, DATABASES={"default": database}, IDP_OIDC_PRIVATE_KEY=key.decode())
    django.setup()
    call_command("migrate", verbosity=0)
    _fill(back)
    Server(("127.0.0.1", port), get_wsgi_application()).start()


def _fill(back: str) -> None:
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import Group, User

    for name, groups in (("ann", ("hr", "staff")), ("bob", ())):
        user = User.objects.create_user(name, f"{name}@corp.example", PASSWORD, first_name=name.title())
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    client = Client(id=CLIENT, name="Assistant", scopes="openid\nprofile\nemail", redirect_uris=back)
    client.skip_consent = True
    client.set_secret(SECRET)
    client.save()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        _serve(int(sys.argv[1]), sys.argv[2], Path(scratch))
