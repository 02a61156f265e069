"""The API over fakes, as the tests of the API have it."""

from tests.api.conftest import api, queue, system

__all__ = ["api", "queue", "system"]
