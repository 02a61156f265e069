"""The section of webhooks: what is told of which events, how that goes, and the form for another one."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import admin_texts, asking, drawn, facts, held, hook_texts, once, render, session, texts, times, widgets
from ui.client import ApiError
from ui.hooks import Delivery, Webhook

_ASKED = "webhook-asked"  # what the admin is asked about: a word and a name
_MADE = "webhook-secret-of-"  # begins the name of a secret that is shown once
_ADDED = "webhooks-added"  # in this session
_TESTED = "webhook-tested"
_SHOWN = 10  # deliveries


def section() -> None:
    """Draw the webhooks, and the form for another one."""
    st.html(
        render.element("h2", escape(hook_texts.WEBHOOKS), "as-heading")
        + render.element("p", escape(hook_texts.LEAD), "as-quiet-text")
    )
    found = session.attempt(session.client().webhooks)
    if isinstance(found, ApiError):
        widgets.failure(found, "webhooks")
        return
    webhooks, events = found
    for name in once.names(_MADE):
        once.show(name, hook_texts.secret_of(name.removeprefix(_MADE)), kind="warning")
    if not webhooks:
        widgets.notice(hook_texts.NONE, hook_texts.NONE_HINT, kind="quiet")
    for webhook in webhooks:
        _webhook(webhook, events)
    with st.expander(hook_texts.ADD, icon=":material/add:", key="add-webhook"):
        _add(events)


def _webhook(webhook: Webhook, events: tuple[str, ...]) -> None:
    with st.container(border=True, key=f"webhook-{webhook.name}"):
        state, colour = (hook_texts.ON, "on") if webhook.enabled else (hook_texts.OFF, "off")
        last = webhook.last
        st.html(
            facts.head(webhook.name, state, colour if webhook.enabled or not webhook.error else "bad")
            + facts.facts(
                [
                    (hook_texts.ADDRESS, webhook.url),
                    (hook_texts.EVENTS, ", ".join(map(_event, webhook.events))),
                    (hook_texts.DELIVERIES, hook_texts.counts(webhook.waiting, webhook.delivered, webhook.failed)),
                    (hook_texts.LAST, "" if last is None else f"{_event(last.event)}: {_state(last)} {last.line}"),
                ]
            )
        )
        if webhook.error:
            widgets.notice(webhook.error, kind="error")
        tested = st.session_state.get(_TESTED, {}).get(webhook.name)
        if tested is not None:
            widgets.notice(tested[1], tested[2], kind="info" if tested[0] else "error")
        with st.container(horizontal=True, gap="small"):
            _actions(webhook)
        shown = st.expander(
            admin_texts.EDIT, icon=":material/edit:", key=f"change-webhook-{webhook.name}", on_change="rerun"
        )
        if shown.open:
            with shown:
                _change(webhook, events)
        else:
            drawn.drop(_form(webhook))
        sent = st.expander(hook_texts.SHOW, icon=":material/outbox:", key=f"sent-to-{webhook.name}", on_change="rerun")
        if sent.open:
            with sent:
                _deliveries(webhook)
        what, asked_of = asking.about(_ASKED) or ("", "")
        if asked_of == webhook.name:
            _confirm(webhook.name, what)
        wish = held.wanted(f"webhook-secret-{webhook.name}")
        if wish is not None:
            api = session.client()
            _done(once.make(wish, _MADE + webhook.name, lambda: api.new_webhook_secret(webhook.name)))


def _actions(webhook: Webhook) -> None:
    name = webhook.name
    key, icon = f"webhook-test-{name}", ":material/send:"
    if wish := held.button(hook_texts.TEST, key, icon=icon, help=render.plain(name)):
        _test(wish, name)
    _switch(webhook)
    _asks(hook_texts.NEW_SECRET, ":material/key:", "secret", name)
    _asks(texts.REMOVE, ":material/delete:", "remove", name)


def _asks(label: str, icon: str, what: str, name: str) -> None:
    """Draw a button that asks whether something is meant."""
    st.button(
        label,
        key=f"webhook-{what}-{name}",
        icon=icon,
        type="tertiary" if what == "remove" else "secondary",
        help=render.plain(name),
        on_click=_ask,
        args=((what, name),),
    )


def _change(webhook: Webhook, events: tuple[str, ...]) -> None:
    form = drawn.form(_form(webhook), {"url": webhook.url, "events": list(webhook.events)})
    form.warn()
    before = form.base["events"]
    with st.form(form.key, border=False, enter_to_submit=False):
        url = st.text_input(hook_texts.URL, form.base["url"], key=f"{form.key}-url", help=hook_texts.URL_HELP)
        wanted = st.multiselect(
            hook_texts.EVENTS, dict.fromkeys((*events, *before)), before, key=f"{form.key}-events", format_func=_event
        )
        sent = st.form_submit_button(admin_texts.SAVE, type="primary", icon=":material/check:")
    if not sent:
        return
    changes, said = form.changes({"url": url.strip(), "events": wanted}), form.said(hook_texts.changed(webhook.name))
    outcome = session.attempt(lambda: session.client().change_webhook(webhook.name, **changes))
    if not isinstance(outcome, ApiError):
        drawn.drop(_form(webhook))
    _done(outcome, said)


def _form(webhook: Webhook) -> str:
    return f"change-webhook-form-{webhook.name}"


def _switch(webhook: Webhook) -> None:
    """Draw the button that switches it on or off; each has its own key, as a late click must not do the other."""
    name, wanted = webhook.name, not webhook.enabled
    label, key = (hook_texts.SWITCH_ON, "on") if wanted else (hook_texts.SWITCH_OFF, "off")
    icon = ":material/power_settings_new:"
    if st.button(label, key=f"webhook-{key}-{name}", icon=icon, help=render.plain(name)):
        outcome = session.attempt(lambda: session.client().switch_webhook(name, enabled=wanted))
        _done(outcome, hook_texts.switched(name, on=wanted))


def _test(wish: held.Wish, name: str) -> None:
    api = session.client()
    with st.spinner(hook_texts.TESTING):
        outcome = held.do(wish, lambda: api.test_webhook(name))
    if isinstance(outcome, ApiError):
        tested = False, outcome.message, outcome.hint
    elif outcome.state == "delivered":
        tested = True, hook_texts.arrived(name), outcome.line
    else:
        tested = False, hook_texts.not_arrived(name), outcome.line
    st.session_state[_TESTED] = {**st.session_state.get(_TESTED, {}), name: tested}
    st.rerun()


def _deliveries(webhook: Webhook) -> None:
    found = session.attempt(lambda: session.client().deliveries(webhook.name, _SHOWN))
    if isinstance(found, ApiError):
        widgets.failure(found, f"sent-{webhook.name}")
        return
    if not found:
        st.html(render.element("p", escape(hook_texts.NOTHING_SENT), "as-quiet-text"))
        return
    columns = (hook_texts.EVENT, hook_texts.WHEN, hook_texts.STATE, hook_texts.TRIES, hook_texts.ANSWER)
    zone = times.browser_zone()
    rows = (
        (_event(one.event), hook_texts.moment(one.created_at, zone), _state(one), str(one.tries), one.line)
        for one in found
    )
    st.html(facts.table(columns, rows))
    _redelivery(webhook.name, {one.id: one for one in found if one.state != "waiting"}, zone)


def _redelivery(name: str, ended: dict[str, Delivery], zone: str) -> None:
    """Draw what sends one again. None is chosen before somebody does, nor when the chosen one is listed no more."""

    def label(delivery: str) -> str:  # never the same for two, and the same at all times: it is how the choice is kept
        one = ended[delivery]
        return hook_texts.delivery(_event(one.event), hook_texts.moment(one.created_at, zone), one.id)

    if not ended:
        return
    chosen = st.selectbox(
        hook_texts.CHOOSE_DELIVERY,
        list(ended),
        None,
        key=f"webhook-again-{name}",
        format_func=label,
        placeholder=hook_texts.CHOOSE_PLACEHOLDER,
    )
    sent = st.button(
        hook_texts.SEND_AGAIN, key=f"webhook-redeliver-{name}", icon=":material/replay:", disabled=chosen is None
    )
    if sent and chosen is not None:
        _done(session.attempt(lambda: session.client().redeliver(name, chosen)), hook_texts.again(name))


def _add(events: tuple[str, ...]) -> None:
    at = st.session_state.setdefault(_ADDED, 0)  # emptied by another key, once one was added
    with st.form(f"add-webhook-{at}", border=False, enter_to_submit=False):
        left, right = st.columns(2)
        name = left.text_input(hook_texts.NAME, key=f"webhook-name-{at}", help=hook_texts.NAME_HELP, max_chars=40)
        url = right.text_input(hook_texts.URL, key=f"webhook-url-{at}", help=hook_texts.URL_HELP)
        wanted = st.multiselect(hook_texts.EVENTS, events, key=f"webhook-events-{at}", format_func=_event)
        given = held.filled("webhook-name-", "webhook-url-", "webhook-events-")
        wish = held.submit(hook_texts.ADD_THIS, "webhook-add", given, type="primary", icon=":material/add:")
    if wish is None:
        return
    api, named = session.client(), name.strip()
    wrong = once.make(wish, _MADE + named, lambda: api.add_webhook(named, url.strip(), wanted))
    if wrong is None:
        st.session_state[_ADDED] = at + 1
    _done(wrong)


def _confirm(name: str, what: str) -> None:
    """Ask whether it is meant, and do it where the person says so."""
    key = f"webhook-{what}-{name}"
    if what == "secret":
        asked = hook_texts.RENEW_TITLE, hook_texts.RENEW_BODY, key
        if widgets.confirmed(*asked, lambda: _ask(None), hook_texts.NEW_SECRET, ":material/key:"):
            held.hold(key)
            _ask(None)
    elif widgets.confirmed(hook_texts.REMOVE_TITLE, hook_texts.REMOVE_BODY, key, lambda: _ask(None)):
        _ask(None)
        _done(session.attempt(lambda: session.client().remove_webhook(name)), texts.removed(name))


def _done(outcome: object, said: str = "") -> None:
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state.said = said
    st.rerun()


def _ask(asked: tuple[str, str] | None) -> None:
    asking.ask(_ASKED, asked)


def _event(name: str) -> str:
    return hook_texts.EVENT_NAMES.get(name, name)


def _state(delivery: Delivery) -> str:
    return hook_texts.STATES.get(delivery.state, delivery.state)
