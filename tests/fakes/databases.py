"""Makes empty databases on a test's Postgres server."""

from __future__ import annotations

import uuid


def new_database(server: str) -> str:
    """Return the URL of a new, empty database on the server at this URL."""
    from sqlalchemy import create_engine, make_url, text

    url = make_url(server)
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
