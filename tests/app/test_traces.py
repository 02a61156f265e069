"""The collector that the settings name: what is no address of one is refused, and not said."""

from __future__ import annotations

import pytest

from assistant.app.traces import start_tracing
from assistant.errors import SettingsError
from assistant.settings import load_settings


@pytest.mark.parametrize(
    "url",
    ["collector:4318", "ftp://me:hunter2@collector", "http://[::1:4318", "http://collector:port", "http://c/?x=1"],
)
def test_what_is_no_address_of_a_collector(url: str) -> None:
    with pytest.raises(SettingsError, match="'otlp_url' is no address of a collector") as caught:
        start_tracing(load_settings(otlp_url=url), "api")
    assert "hunter2" not in str(caught.value)
