"""The assistant as programs know OpenAI's API: `/v1/chat/completions` and `/v1/models`."""
