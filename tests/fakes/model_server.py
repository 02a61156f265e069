"""A chat model's server by script, over real HTTP: the OpenAI API as vLLM, llama.cpp, Ollama and others serve it.

    with ModelServer(Script(when("capital", Reply("Paris [1].")))) as server:
        settings = {"model_url": server.url, "model_name": server.model}
        ...
        assert server.asked[-1].prompt.endswith("What is the capital of France?")

It streams and counts (a word or a sign a token, `usage` equal to `/tokenize`), has a context limit and a prefix cache
with salts, and sees pictures up to a limit. `kind` decides what else it serves: `/tokenize` and `max_model_len` (vllm),
`/props`, `/apply-template` and `/tokenize` of `content` (llama.cpp), `/api/show` and `/api/ps` (ollama), or nothing.

What tests look at: `requests` (every one, with its path, its body, its client's port, how many pieces were sent, and
whether the client left in the middle), `asked` (the chat requests as rules see them), `at_work` and `most_at_work`.
What they change while it runs: `script`, `context_tokens`, `failing` (replies that the next chat requests get first).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

from tests.fakes.model_scripts import Asked, PrefixCache, Reply, Script, prompt_tokens, words

Kind = Literal["vllm", "llama.cpp", "ollama", "openai"]
_OWNERS = {"vllm": "vllm", "llama.cpp": "llamacpp", "ollama": "library", "openai": "somebody"}


@dataclass(slots=True)
class Received:
    """One request, and what became of it."""

    method: str
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    connection: int
    at: float = field(default_factory=time.monotonic)
    pieces: int = 0
    left: bool = False
    finished: bool = False


class ModelServer:
    """The server, from `with` on; see the module.

    Args:
        script: what is answered.
        kind: whose API it serves beside OpenAI's.
        model: its model's name.
        context_tokens: of prompt and answer together.
        images: the most pictures in one prompt.
        tools: whether it takes tools.
        api_key: what clients have to show; empty: nothing.
        adapters: names of LoRA adapters that it serves as models too.
        port: to listen on; 0: a free one.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        kind: Kind = "vllm",
        model: str = "scripted",
        context_tokens: int = 100_000,
        images: int = 4,
        tools: bool = True,
        api_key: str = "",
        adapters: tuple[str, ...] = (),
        port: int = 0,
    ) -> None:
        self.script = script or Script()
        self.kind, self.model, self.adapters = kind, model, adapters
        self.context_tokens, self.images, self.tools, self.api_key = context_tokens, images, tools, api_key
        self.requests: list[Received] = []
        self.failing: list[Reply] = []
        self.cache = PrefixCache()
        self.at_work = self.most_at_work = 0
        self.lock = threading.Lock()
        self._http = _Listener(self, port)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The base URL, with `/v1`."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def chats(self) -> list[Received]:
        """The requests for answers."""
        return [request for request in self.requests if request.path == "/v1/chat/completions"]

    @property
    def asked(self) -> list[Asked]:
        """The requests for answers, as rules see them; those that only ask whether tools are taken left out."""
        return [Asked(request.body) for request in self.chats if request.body.get("stream")]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.shutdown()
        self._http.drop_connections()
        self._http.server_close()
        self._thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, model: ModelServer, port: int) -> None:
        self.model = model
        self._open: set[Any] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        """Close what clients keep open: a server that is gone."""
        for request in list(self._open):
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no fault of the server's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener
    disable_nagle_algorithm = True

    def log_message(self, *arguments: object) -> None:
        """Nothing: tests look at `requests`."""

    def do_GET(self) -> None:
        self._received = self._record({})
        model = self.server.model
        if not self._allowed():
            return
        if self.path == "/v1/models":
            self._json({"object": "list", "data": [_entry(model, name) for name in (model.model, *model.adapters)]})
        elif self.path == "/props" and model.kind == "llama.cpp":
            settings = {"n_ctx": model.context_tokens}
            modalities = {"vision": model.images > 0, "audio": False}
            capabilities = {"supports_tools": model.tools}
            told = {"default_generation_settings": settings, "modalities": modalities}
            self._json({**told, "total_slots": 1, "chat_template_caps": capabilities})
        elif self.path == "/api/ps" and model.kind == "ollama":
            loaded = any(request.path == "/api/generate" for request in model.requests)
            entry = {"name": model.model, "model": model.model, "context_length": model.context_tokens}
            self._json({"models": [entry] if loaded else []})
        else:
            self._refuse(404, "Not Found")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        self._received = self._record(body)
        if not self._allowed():
            return
        kind = self.server.model.kind
        if self.path == "/v1/chat/completions":
            self._chat(body)
        elif self.path == "/tokenize" and kind == "vllm":
            self._vllm_tokenize(body)
        elif self.path == "/tokenize" and kind == "llama.cpp":
            self._json({"tokens": list(range(len(words(body["content"])) + bool(body.get("add_special"))))})
        elif self.path == "/apply-template" and kind == "llama.cpp":
            self._json({"prompt": " ".join("x" * len(prompt_tokens(body)[1:]))})
        elif self.path == "/api/show" and kind == "ollama":
            able = ["completion", *(["vision"] if self.server.model.images else [])]
            able += ["tools"] if self.server.model.tools else []
            self._json({"parameters": "", "model_info": {"llama.context_length": 131072}, "capabilities": able})
        elif self.path == "/api/generate" and kind == "ollama":
            self._json({"model": body["model"], "response": "", "done": True})
        else:
            self._refuse(404, "Not Found")

    def _record(self, body: Mapping[str, Any]) -> Received:
        received = Received(self.command, self.path, body, dict(self.headers), self.client_address[1])
        with self.server.model.lock:
            self.server.model.requests.append(received)
        return received

    def _allowed(self) -> bool:
        model = self.server.model
        if model.api_key and self.headers.get("Authorization") != f"Bearer {model.api_key}":
            self._refuse(401, "Unauthorized")
            return False
        return True

    def _known_model(self, body: Mapping[str, Any]) -> bool:
        model = self.server.model
        if body.get("model") in {model.model, *model.adapters}:
            return True
        self._refuse(404, f"The model `{body.get('model')}` does not exist.", "NotFoundError")
        return False

    def _vllm_tokenize(self, body: Mapping[str, Any]) -> None:
        if not self._known_model(body) or self._too_many_images(body):
            return
        tokens = prompt_tokens(body) if "messages" in body else words(body["prompt"])
        model = self.server.model
        self._json({"count": len(tokens), "max_model_len": model.context_tokens, "tokens": list(range(len(tokens)))})

    def _too_many_images(self, body: Mapping[str, Any]) -> bool:
        most, images = self.server.model.images, Asked(body).images
        if len(images) > most:
            said = f"At most {most} image(s) may be provided in one prompt." if most else "not a multimodal model"
            self._refuse(400, said, "BadRequestError")
        return len(images) > most

    def _chat(self, body: Mapping[str, Any]) -> None:
        model = self.server.model
        if not self._known_model(body) or self._too_many_images(body):
            return
        if body.get("tools") and not model.tools:
            self._refuse(400, '"auto" tool choice requires --enable-auto-tool-choice', "BadRequestError")
            return
        tokens = prompt_tokens(body)
        if len(tokens) + (body.get("max_tokens") or 1) > model.context_tokens:
            self._too_long(len(tokens))
            return
        with model.lock:
            reply = model.failing.pop(0) if model.failing else None
        reply = reply or model.script.reply(body)
        if reply.status != 200:
            self._refuse(reply.status, reply.message or "overloaded", retry_after=reply.retry_after)
            return
        if reply.raw:
            self._json(json.loads(reply.raw))
            return
        salt = str(body.get("cache_salt") or "") if model.kind == "vllm" else ""
        cached = model.cache.take(tokens, salt) if model.kind == "vllm" else None
        with model.lock:
            model.at_work += 1
            model.most_at_work = max(model.most_at_work, model.at_work)
        try:
            self._stream(body, reply, len(tokens), cached)
        except OSError:
            self._received.left = True
            self.close_connection = True
        finally:
            with model.lock:
                model.at_work -= 1

    def _too_long(self, tokens: int) -> None:
        most = self.server.model.context_tokens
        if self.server.model.kind == "llama.cpp":
            said = f"request ({tokens} tokens) exceeds the available context size ({most} tokens), try increasing it"
            more = {"n_prompt_tokens": tokens, "n_ctx": most}
            self._refuse(400, said, "exceed_context_size_error", more=more)
        else:
            said = (
                f"This model's maximum context length is {most} tokens. However, your prompt contains {tokens} tokens."
            )
            self._refuse(400, said, "BadRequestError")

    def _stream(self, body: Mapping[str, Any], reply: Reply, prompt: int, cached: int | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
        self._sleep(reply.first_seconds)
        pieces, most = _deltas(reply), body.get("max_tokens")
        cut = most is not None and len(pieces) > most
        for number, delta in enumerate(pieces[:most]):
            if number:
                self._sleep(reply.piece_seconds)
            if number == reply.error_after:
                self._event({"error": {"message": "EngineCore died", "type": "InternalServerError", "code": 500}})
                break
            if number == reply.cut_after:
                self.close_connection = True
                self._received.finished = True
                return
            self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            self._received.pieces += 1
        else:
            finish = "length" if cut else reply.finish or ("tool_calls" if reply.tool_calls else "stop")
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
            written = len(pieces[:most])
            usage: dict[str, Any] = {
                "prompt_tokens": prompt,
                "completion_tokens": written,
                "total_tokens": prompt + written,
            }
            if cached is not None:
                usage["prompt_tokens_details"] = {"cached_tokens": cached}
            if (body.get("stream_options") or {}).get("include_usage"):
                self._event({"choices": [], "usage": usage})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")
        self._received.finished = True

    def _sleep(self, seconds: float) -> None:
        """Wait as a model does: until the client leaves, at most."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.connection.settimeout(min(left, 0.02))
            with suppress(TimeoutError):
                if self.connection.recv(1, 2) == b"":  # MSG_PEEK: looks, takes nothing
                    raise ConnectionResetError
                time.sleep(min(left, 0.02))
        self.connection.settimeout(None)

    def _event(self, told: Mapping[str, Any]) -> None:
        told = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": self.server.model.model, **told}
        self._chunk(f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _refuse(
        self, status: int, message: str, kind: str = "", *, retry_after: str = "", more: Mapping[str, Any] | None = None
    ) -> None:
        error = {"message": message, "type": kind, "code": status, **(more or {})}
        told: Mapping[str, Any] = {"error": message} if self.server.model.kind == "ollama" else {"error": error}
        self._json(told, status, retry_after)

    def _json(self, told: Mapping[str, Any], status: int = 200, retry_after: str = "") -> None:
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(data)
        self._received.finished = True


def _entry(model: ModelServer, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": name, "object": "model", "owned_by": _OWNERS[model.kind]}
    if model.kind == "vllm":
        parent = model.model if name in model.adapters else None
        entry |= {"max_model_len": None if parent else model.context_tokens, "parent": parent}
    return entry


def _deltas(reply: Reply) -> list[dict[str, Any]]:
    """Return the pieces that a reply is streamed in."""
    deltas: list[dict[str, Any]] = [{"reasoning": word} for word in words(reply.reasoning)]
    deltas += [{"content": word} for word in reply.pieces]
    for number, call in enumerate(reply.tool_calls):
        half = len(call.arguments) // 2
        named = {"name": call.name, "arguments": call.arguments[:half]}
        deltas.append({"tool_calls": [{"index": number, "id": call.id, "type": "function", "function": named}]})
        deltas.append({"tool_calls": [{"index": number, "function": {"arguments": call.arguments[half:]}}]})
    return deltas
