"""One whole reply of a chat model to one message, for tasks beside answering; errors say whose fault it is."""

from __future__ import annotations

import threading

from assistant.errors import ModelAccessError, ModelNotFoundError, ModelServerError, ModelUnavailableError
from assistant.interfaces import ChatModel
from assistant.types import ChatMessage

PATIENT = 120.0  # seconds, where nobody waits


def reply(model: ChatModel, message: ChatMessage, max_tokens: int, what: str, seconds: float = PATIENT) -> str:
    """Return the model's reply as it is, with temperature 0; empty where it says nothing.

    Args:
        model: is asked.
        message: the only one.
        max_tokens: of the reply.
        what: what is refused where the server refuses it, such as `a picture`.
        seconds: how long the reply may take, once the server has described its model.

    Raises:
        ModelUnavailableError: the model does not answer now, or is not to be had, which is no request's fault.
        ModelServerError: it refuses this.
    """
    stream = model.stream([message], max_tokens=max_tokens)
    ending = threading.Timer(seconds, stream.close)
    ending.daemon = True
    ending.start()
    try:
        with stream:
            pieces = list(stream)
    except (ModelAccessError, ModelNotFoundError) as error:
        raise ModelUnavailableError(error.message, error.hint) from error
    except ModelUnavailableError:
        raise
    except ModelServerError as error:
        raise ModelServerError(f"the model {model.name} refuses {what}: {error.message}", error.hint) from error
    finally:
        ending.cancel()
    if not pieces or pieces[-1].finish is None:
        raise ModelUnavailableError(f"the model {model.name} did not answer in {seconds:g} s", "see its server's log")
    return "".join(piece.text for piece in pieces)
