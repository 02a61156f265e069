"""The pages of a list are turned, and a page that is of another list is left."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.ui.test_app import press


def _list() -> None:
    import streamlit as st

    from ui import pager

    found = list(range(int(st.session_state.get("total", 5))))
    offset = pager.offset_of("at")
    shown = found[offset : offset + 2]
    pager.must_be_there("at", len(shown), len(found))
    st.text(str(shown))
    pager.draw("at", offset, 2, len(found), name="list")


def test_a_page_that_is_of_another_list_is_left_for_the_first_one() -> None:
    app = AppTest.from_function(_list, default_timeout=240).run()
    press(press(app, "list-next"), "list-next")
    assert app.text[0].value == "[4]"
    app.session_state["total"] = 3
    assert app.run().text[0].value == "[0, 1]"
    press(app, "list-next")
    app.session_state["total"] = 0
    app.run()
    assert (app.text[0].value, len(app.button)) == ("[]", 0)
