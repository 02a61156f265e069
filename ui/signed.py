"""Who is signed in with the browser of this session: the cookie of the API's pages, and the way to those."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from assistant.settings import Settings, load_settings
from ui import navigation
from ui.calls import ApiError

_OUT = "NotSignedInError"
_LONGEST = 1000  # characters of a header that anybody may send
_CHANGE = "PasswordChangeNeededError"


def settings() -> Settings:
    """Return the settings, read once a session. Raises SettingsError."""
    if "settings" not in st.session_state:
        st.session_state.settings = load_settings()
    found: Settings = st.session_state.settings
    return found


def secret() -> str:
    """Return the session that the browser holds; empty: none."""
    name = "__Host-assistant_session" if settings().public_url.lower().startswith("https://") else "assistant_session"
    found = st.context.cookies.get(name, "")
    return found if isinstance(found, str) else ""  # Streamlit's test harness has no browser, and a mock for one


def forwarded() -> str:
    """Return the addresses that the browser came by: those that a proxy before the UI names, and the UI's own peer.

    Streamlit gives no address of a peer on loopback, which is this machine or a proxy on it.
    """
    named, peer = st.context.headers.get("X-Forwarded-For", ""), st.context.ip_address
    parts = [named if isinstance(named, str) else "", peer if isinstance(peer, str) else "127.0.0.1"]
    return ", ".join(part.strip() for part in parts if part.strip())[-_LONGEST:]


def is_out(status: object) -> bool:
    """Return whether what the API said means that nobody is signed in, or not any more."""
    return isinstance(status, ApiError) and status.code == _OUT


def must_change(status: object) -> bool:
    """Return whether what the API said means that the password has to be changed first."""
    return isinstance(status, ApiError) and status.code == _CHANGE


def enter_url() -> str:
    """Return the address where the person signs in and comes back to this page."""
    return _page("/enter")


def change_password_url() -> str:
    """Return the address where the person changes the password and comes back to this page."""
    return _page("/change-password")


def sign_out_url() -> str:
    """Return the address where the person signs out."""
    return f"{_api_pages()}/sign-out"


def _page(path: str) -> str:
    return f"{_api_pages()}{path}?next={quote(_here(), safe='')}"


def _here() -> str:
    """Return the path of this page, with its query."""
    path = urlsplit(_url()).path or "/"
    query = urlencode(navigation.query(), doseq=True)
    return f"{path}?{query}" if query else path


def _url() -> str:
    url = st.context.url
    return url if isinstance(url, str) else ""


def _api_pages() -> str:
    """Return where the browser finds the API's pages: at the public address, else on the API's port of this host."""
    known = settings()
    if known.public_url:
        return known.public_url.rstrip("/")
    host = urlsplit(_url()).hostname or "127.0.0.1"
    api = urlsplit(known.api_base)
    shown = f"[{host}]" if ":" in host else host
    return f"{api.scheme}://{shown}:{api.port}" if api.port else f"{api.scheme}://{shown}"
