"""Runs in a process of either version: the owner of the index (`own`), or an API beside it (`serve PORT`).

The owner stands in for the Qdrant server that several API processes share.
"""

import sys

from assistant.app import build
from assistant.cli import serve
from assistant.settings import load_settings


def main(role: str, port: str = "0") -> None:
    settings = load_settings(port=int(port))
    with build(settings, owns_index=role == "own") as app:
        if role == "own":
            with serve._owner(app):
                print("ready", flush=True)
                sys.stdin.read()
            return
        import uvicorn

        from assistant.api import create_api

        with serve._jobs(app) as queue:
            serve._warm(app)
            uvicorn.run(create_api(app, queue), port=settings.port, log_config=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
