"""The script that `streamlit run` starts: the frame around every page."""

from __future__ import annotations

import streamlit as st

from assistant.settings import SettingsError
from ui import asking, drawn, held, logs, navigation, once, pages, session, signed, texts, widgets
from ui.client import ApiError
from ui.views import entrance, language, sidebar


def main() -> None:
    """Draw the page that the address names, with the sidebar beside it."""
    st.set_page_config(page_title=texts.PRODUCT, page_icon=str(widgets.ASSETS / "icon.svg"), layout="centered")
    widgets.styles()
    language.mark()
    widgets.bring_up_errors()
    st.logo(str(widgets.ASSETS / "logo.svg"), icon_image=str(widgets.ASSETS / "icon.svg"), size="large")
    try:
        logs.redact()
        session.client()
    except SettingsError as error:
        widgets.notice(texts.SETTINGS_WRONG, str(error), kind="error")
        return
    status = session.attempt(session.status)
    outside = signed.is_out(status) or signed.must_change(status)
    known = None if isinstance(status, ApiError) else status
    known_pages = pages.shown(known)
    page = st.navigation(navigation.register(known_pages), position="hidden")  # the sidebar has links of its own
    if outside:
        entrance.page(must_change=signed.must_change(status))
        return
    navigation.settle_address(page.url_path)
    if held.settle(page.url_path):
        once.forget()
        drawn.forget()
        asking.forget()
    sidebar.show(status, pages.ways(known_pages), page.url_path)
    widgets.said()
    page.run()
    held.clear()


main()
