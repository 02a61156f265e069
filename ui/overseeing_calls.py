"""The calls of those who look after models, plugins and the index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import httpx

from ui import sse, texts
from ui.calls import ApiError, HttpCalls, failure, refusal
from ui.models import Json
from ui.overseen import IndexOverview, Models, Plugin, Progress, Trial, given

_ASKING_SECONDS = 120.0  # of a model: a server that starts is slow to write the first word
_CHECKING_SECONDS = 60.0  # all servers, each of which may be away
_LOADING_SECONDS = 120.0  # a plugin that was never enabled is loaded to see what it wants


class OverseeingCalls(HttpCalls):
    """See `HttpCalls`."""

    def models(self, *, fresh: bool = False) -> Models:
        """Return how the models are; `fresh`: all servers are asked now."""
        timeout = httpx.Timeout(_CHECKING_SECONDS)
        if fresh:
            return self._read(Models.read, "POST", "/api/models/check", timeout=timeout)
        return self._read(Models.read, "GET", "/api/models", timeout=timeout)

    def try_model(self, model: str, prompt: str, most: int) -> Iterator[str | Trial]:
        """Yield what a model says to a prompt as it comes, what it thinks left out; the last is the trial's end.

        Raises:
            ApiError: it does not answer, or broke off.
        """
        body = {"model": model, "prompt": prompt, "max_tokens": most}
        timeout = httpx.Timeout(self._timeout, read=_ASKING_SECONDS)
        try:
            with self._http.stream("POST", "/api/models/try", json=body, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise refusal(response)
                for event in sse.events(response.iter_bytes()):
                    data = json.loads(event.data)
                    if event.name == "error":
                        raise failure(data)
                    if event.name == "trial":
                        yield given(Trial, data)
                        return
                    if event.name == "text" and not data["thought"]:
                        yield str(data["delta"])
        except httpx.ConnectError as error:
            raise self._unreachable() from error
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise ApiError(texts.ANSWER_BROKE_OFF, texts.SLOW_HINT, "BrokenOff") from error

    def index(self) -> IndexOverview:
        """Return the index that searches use, the others, and what goes on with them."""
        return self._read(IndexOverview.read, "GET", "/api/index")

    def check_recall(self, sample: int = 100) -> Progress:
        """Begin to measure what the index's searches find."""
        return self._work("recall", {"sample": sample})

    def build_index(self, embedder: str | None, chunk_tokens: int | None, sparse: str | None) -> Progress:
        """Begin to build another index, or go on; what is None stays as it is."""
        return self._work("build", {"embedder": embedder, "chunk_tokens": chunk_tokens, "sparse_embedder": sparse})

    def stop_index(self) -> None:
        """End building an index after the document it is at."""
        self._call("POST", "/api/index/stop")

    def swap_index(self, name: str, *, force: bool) -> Progress:
        """Let searches use another index."""
        return self._work("swap", {"name": name, "force": force})

    def index_back(self, name: str) -> Progress:
        """Let searches use the former index again, where it still is the one of this name."""
        return self._work("back", {"name": name})

    def drop_index(self, name: str) -> Progress:
        """Give an index up and delete it."""
        return self._work("drop", {"name": name})

    def plugins(self) -> tuple[Plugin, ...]:
        """Return all plugins."""
        return self._read(lambda data: tuple(map(Plugin.read, data["plugins"])), "GET", "/api/plugins")

    def plugin(self, name: str) -> Plugin:
        """Return one plugin; one that was never enabled is loaded to see what it wants."""
        return self._read(Plugin.read, "GET", _plugin(name), timeout=httpx.Timeout(_LOADING_SECONDS))

    def enable_plugin(
        self, name: str, mark: str, groups: Sequence[str], documents: Sequence[tuple[str, str]] = ()
    ) -> Plugin:
        """Use a plugin from now on, where it still has the mark that it was shown with.

        Args:
            name, mark: the plugin's.
            groups, documents: only where it is a pack: who has it, and the sources and globs of its documents.
        """
        body: Json | None = None
        if groups:
            body = {"groups": list(groups), "documents": [{"source": one, "glob": glob} for one, glob in documents]}
        timeout = httpx.Timeout(_LOADING_SECONDS)
        path, given = f"{_plugin(name)}/enable", {"mark": mark}
        return self._read(Plugin.read, "POST", path, params=given, json=body, timeout=timeout)

    def disable_plugin(self, name: str) -> Plugin:
        """Use a plugin no more."""
        return self._read(Plugin.read, "POST", f"{_plugin(name)}/disable")

    def plugin_health(self, name: str) -> str:
        """Ask a plugin how it is; an empty line where it is well and has nothing to say."""
        timeout = httpx.Timeout(_LOADING_SECONDS)
        return self._read(lambda data: str(data["health"]), "POST", f"{_plugin(name)}/health", timeout=timeout)

    def _work(self, task: str, body: Json) -> Progress:
        return self._read(Progress.read, "POST", f"/api/index/{task}", json=body)


def _plugin(name: str) -> str:
    return f"/api/plugins/{quote(name, safe='')}"
