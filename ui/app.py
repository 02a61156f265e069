"""The script that `streamlit run` starts: the frame around every page."""

from __future__ import annotations

import streamlit as st

from assistant.settings import SettingsError
from ui import access_texts, audit_texts, logs, navigation, session, texts, widgets
from ui.views import access, audit, chat, documents, sidebar, sources, tools


def main() -> None:
    """Draw the page that the address names, with the sidebar beside it."""
    st.set_page_config(page_title=texts.PRODUCT, page_icon=str(widgets.ASSETS / "icon.svg"), layout="centered")
    widgets.styles()
    st.logo(str(widgets.ASSETS / "logo.svg"), icon_image=str(widgets.ASSETS / "icon.svg"), size="large")
    page = st.navigation(
        navigation.register(
            {
                "chat": st.Page(chat.page, title=texts.CHAT, icon=":material/chat:", default=True),
                "documents": st.Page(
                    documents.page, title=texts.DOCUMENTS, icon=":material/description:", url_path="documents"
                ),
                "sources": st.Page(sources.page, title=texts.SOURCES, icon=":material/folder:", url_path="sources"),
                "access": st.Page(access.page, title=access_texts.ACCESS, icon=":material/key:", url_path="access"),
                "tools": st.Page(tools.page, title=texts.TOOLS, icon=":material/build:", url_path="tools"),
                "audit": st.Page(audit.page, title=audit_texts.AUDIT, icon=":material/policy:", url_path="audit"),
            }
        )
    )
    try:
        logs.redact()
        session.client()
    except SettingsError as error:
        widgets.notice(texts.SETTINGS_WRONG, str(error), kind="error")
        return
    status = session.attempt(session.status)
    sidebar.show(status)
    widgets.said()
    page.run()


main()
