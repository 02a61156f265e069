"""The application that `streamlit run` serves: the UI's script behind the headers that every page of it has."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from assistant.settings import load_settings
from ui.headers import SafeHeaders, streamlit_page

app = st.App(
    Path(__file__).with_name("app.py"),
    middleware=[
        Middleware(SafeHeaders, page=streamlit_page(), https=load_settings().public_url.startswith("https://"))
    ],
)
