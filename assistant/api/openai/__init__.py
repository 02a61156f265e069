"""The assistant as programs know OpenAI's API: `/v1/chat/completions` and `/v1/models`."""

from assistant.api.openai.errors import PREFIX, openai_error
from assistant.api.openai.routes import router

__all__ = ["PREFIX", "openai_error", "router"]
