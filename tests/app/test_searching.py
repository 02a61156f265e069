"""The stages of a search are those that the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.app import build
from assistant.app.models import make_herd
from assistant.app.searching import make_stages
from assistant.errors import ConfigurationError, EmbedderError
from assistant.herd import Herd
from assistant.retrieval import Stages
from assistant.settings import load_settings


def test_by_default_no_model_is_asked(tmp_path: Path) -> None:
    with build(load_settings(home=tmp_path / "home")) as app:
        assert app.stages == Stages()
        assert app.stages is app.stages


def test_every_stage_has_a_setting(tmp_path: Path) -> None:
    settings = load_settings(
        home=tmp_path,
        search_merge_duplicates=False,
        search_prefer_recent=False,
        search_per_document=3,
        rerank_top=7,
        model_url="http://127.0.0.1:9/v1",
        model_tries=1,
        reword_questions=True,
    )
    closing: list[Callable[[], None]] = []
    stages = make_stages(settings, make_herd(settings, closing.append))
    assert (stages.merge_duplicates, stages.prefer_recent, stages.per_document, stages.rerank_top) == (
        False,
        False,
        3,
        7,
    )
    assert stages.rewordings is not None
    found, warning = stages.rewordings.of("anything")  # nobody listens there
    assert found == []
    assert "127.0.0.1:9" in warning
    for close in closing:
        close()


def test_a_model_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no model folder"):
        make_stages(load_settings(home=tmp_path, reranker="/no/such/model"), Herd([]))
    with pytest.raises(ConfigurationError, match="no model has the role 'fast'"):
        make_stages(load_settings(home=tmp_path, reword_questions=True), Herd([]))
