"""What every `ChatModel` must do. Subclass it and give the fixture `model`; what it says does not matter."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from assistant.errors import PromptTooLongError
from assistant.interfaces import ChatModel, ChatStream
from assistant.types import ChatMessage, Delta, ImagePart, TextPart, ToolCall, ToolSpec

WEATHER = ToolSpec(
    "get_weather",
    "Tells the weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
TEXTS = [
    "",
    "one",
    "Two words, and a third.",
    "def f(x):\n\treturn x ** 2\n\n",
    "Grüße aus Köln — 東京 🙂",
    "a\u2028b\x85c\x0bd",
    "1,234,567.89 €",
    "  indented   twice\n\n\n",
]


def picture(size: tuple[int, int] = (120, 90), color: str = "red") -> ImagePart:
    target = BytesIO()
    Image.new("RGB", size, color).save(target, "PNG")
    return ImagePart(target.getvalue(), "image/png")


def conversation() -> list[ChatMessage]:
    return [
        ChatMessage.of("system", "Be brief."),
        ChatMessage.of("user", "What is the capital of France?"),
        ChatMessage.of("assistant", "Paris."),
        ChatMessage.of("user", "And of Italy?"),
    ]


def read(stream: ChatStream) -> tuple[str, Delta]:
    """Return the text of an answer, and its last piece."""
    pieces = list(stream)
    assert [piece.finish for piece in pieces[:-1]] == [None] * (len(pieces) - 1)
    assert pieces[-1].finish is not None
    return "".join(piece.text for piece in pieces), pieces[-1]


class ChatModelContract:
    """The suite.

    Attributes:
        exact: whether counts equal the server's usage; they are never below it.
        forgetful: whether no prefix cache is told of.
    """

    exact = True
    forgetful = False

    @pytest.fixture
    def model(self) -> ChatModel:
        raise NotImplementedError

    def test_it_is_a_chat_model_that_knows_itself(self, model: ChatModel) -> None:
        assert isinstance(model, ChatModel)
        info = model.describe()
        assert model.name == info.name != ""
        assert info.context_tokens > 0
        assert info.tokenizer
        assert info.vision == (info.images_per_prompt > 0)
        assert set(info.origins.values()) <= {"discovered", "configured", "assumed"}

    def test_an_answer_streams_and_ends_with_why_and_with_its_usage(self, model: ChatModel) -> None:
        stream = model.stream(conversation(), max_tokens=8)
        assert isinstance(stream, ChatStream)
        text, last = read(stream)
        assert text
        assert last.finish in {"stop", "length"}
        assert last.usage is not None
        assert 0 < last.usage.completion_tokens <= 8
        assert list(stream) == []

    def test_the_longest_answer_is_kept(self, model: ChatModel) -> None:
        _, last = read(model.stream(conversation(), max_tokens=2))
        assert last.finish == "length"
        assert last.usage is not None
        assert last.usage.completion_tokens == 2

    @pytest.mark.parametrize("text", TEXTS[1:])
    def test_a_prompt_is_counted_as_the_server_does(self, model: ChatModel, text: str) -> None:
        messages = [ChatMessage.of("system", "Read this."), ChatMessage.of("user", text)]
        self.check_count(model, messages, ())

    def test_a_long_conversation_is_counted(self, model: ChatModel) -> None:
        self.check_count(model, conversation() * 5 + [ChatMessage.of("user", "word " * 300)], ())

    def test_tools_and_their_calls_are_counted(self, model: ChatModel) -> None:
        call = ToolCall("call_1", "get_weather", '{"city": "Paris"}')
        messages = [
            ChatMessage.of("user", "How is the weather in Paris?"),
            ChatMessage("assistant", (), tool_calls=(call,)),
            ChatMessage("tool", (TextPart("sunny"),), tool_call_id="call_1"),
        ]
        self.check_count(model, messages, (WEATHER,))

    def test_pictures_are_counted(self, model: ChatModel) -> None:
        assert model.describe().vision
        for size in ((120, 90), (30, 20), (400, 100)):
            parts = (picture(size), TextPart("What is this? "), picture((90, 90), "blue"), TextPart("And that?"))
            self.check_count(model, [ChatMessage("user", parts)], ())

    def check_count(self, model: ChatModel, messages: list[ChatMessage], tools: tuple[ToolSpec, ...]) -> None:
        counted = model.count_tokens(messages, tools)
        _, last = read(model.stream(messages, tools=tools, max_tokens=1))
        assert last.usage is not None
        if self.exact:
            assert counted == last.usage.prompt_tokens
        assert counted >= last.usage.prompt_tokens

    def test_texts_are_counted_in_their_order(self, model: ChatModel) -> None:
        counts = model.count_texts([*TEXTS, *TEXTS[::-1]])
        assert counts == counts[::-1]
        assert counts[0] == 0
        assert all(count > 0 for count in counts[1 : len(TEXTS)])
        assert [model.count_texts([text])[0] for text in TEXTS] == counts[: len(TEXTS)]
        assert model.count_texts([]) == []

    def test_what_is_over_the_context_is_refused_with_its_limit(self, model: ChatModel) -> None:
        limit = model.describe().context_tokens
        messages = [ChatMessage.of("user", "word " * (limit + 10))]
        assert model.count_tokens(messages) > limit
        with pytest.raises(PromptTooLongError) as caught:
            read(model.stream(messages, max_tokens=4))
        assert caught.value.limit == limit
        assert read(model.stream(conversation(), max_tokens=2))

    def test_the_same_prefix_is_read_once_and_apart_for_each_salt(self, model: ChatModel) -> None:
        text = " ".join(f"Part {n}: the valve opens at {n * 37 % 101} bar." for n in range(60))

        def cached(question: str, salt: str) -> int | None:
            messages = [ChatMessage.of("system", text), ChatMessage.of("user", question)]
            _, last = read(model.stream(messages, max_tokens=2, cache_salt=salt))
            assert last.usage is not None
            return last.usage.cached_tokens

        found = [cached("First?", "a"), cached("Second?", "a"), cached("Second?", "b"), cached("Third?", "b")]
        if self.forgetful:
            assert found == [None] * 4
        else:
            assert found[0] == found[2] == 0
            assert found[1] is not None
            assert found[1] > 0.75 * model.count_texts([text])[0]
            assert found[3] == found[1]

    def test_an_answer_meets_a_schema(self, model: ChatModel) -> None:
        schema = {
            "type": "object",
            "properties": {"found": {"type": "string", "enum": ["yes", "no"]}},
            "required": ["found"],
            "additionalProperties": False,
        }
        text, _ = read(model.stream(conversation(), max_tokens=60, response_schema=schema))
        assert json.loads(text)["found"] in {"yes", "no"}

    def test_a_stream_that_is_closed_says_nothing_more(self, model: ChatModel) -> None:
        with model.stream(conversation()) as stream:
            first = next(stream)
            assert first.text
        assert list(stream) == []
        stream.close()
        never = model.stream(conversation())
        never.close()
        assert list(never) == []

    def test_another_thread_may_close(self, model: ChatModel) -> None:
        stream = model.stream(conversation())
        next(stream)
        closing = threading.Timer(0.05, stream.close)
        closing.start()
        for _ in stream:
            pass
        closing.join()
        assert list(stream) == []

    def test_several_threads_at_once(self, model: ChatModel) -> None:
        expected, _ = read(model.stream(conversation(), max_tokens=3))

        def work(number: int) -> bool:
            if number % 3 == 0:
                return model.count_tokens(conversation()) > 10
            return read(model.stream(conversation(), max_tokens=3))[0] == expected

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(work, range(18)))
