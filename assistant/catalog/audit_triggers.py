"""The triggers that keep the audit log from being changed, by whatever program writes to the database.

Who owns the database can drop them: against that one stand the chain, its seal and the head that is kept elsewhere.
"""

from __future__ import annotations

from sqlalchemy import Connection

_REFUSED = "the audit log is append-only"
_CHAIN_BACK = "NEW.anchor < OLD.anchor OR NEW.head < OLD.head OR NEW.anchor > NEW.head OR NEW.id <> OLD.id"
_KEPT = "OLD.number > COALESCE((SELECT anchor FROM audit_chain WHERE id = 1), 0)"
# table, what is refused, and when; retention moves the anchor first, and then removes what lies before it
_RULES = (
    ("audit", "UPDATE", ""),
    ("audit", "DELETE", _KEPT),
    ("audit_documents", "UPDATE", ""),
    ("audit_documents", "DELETE", _KEPT),
    ("audit_chain", "UPDATE", _CHAIN_BACK),
    ("audit_chain", "DELETE", ""),
)


def arm(connection: Connection) -> None:
    """Make the triggers, on SQLite or Postgres."""
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        for table, event, when in _RULES:
            connection.exec_driver_sql(_function(table, event, when))
    for table, event, when in _RULES:
        connection.exec_driver_sql(_postgres(table, event) if postgres else _sqlite(table, event, when))
        if postgres:  # no row is named by it, so that the triggers of rows see nothing
            truncated = f"{table}_truncate"
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {truncated} ON {table}")
            connection.exec_driver_sql(
                f"CREATE TRIGGER {truncated} BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {_name('audit', 'UPDATE')}()"
            )


def disarm(connection: Connection) -> None:
    """Take the triggers away: for a restore that replaces everything, and to go back to an older schema."""
    postgres = connection.dialect.name == "postgresql"
    for table, event, _ in _RULES:
        where = f" ON {table}" if postgres else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(table, event)}{where}")
        if postgres:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_truncate{where}")
    if postgres:
        for table, event, _ in _RULES:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {_name(table, event)}()")


def _name(table: str, event: str) -> str:
    return f"{table}_no_{event.lower()}"


def _sqlite(table: str, event: str, when: str) -> str:
    condition = f"WHEN {when} " if when else ""
    return (
        f"CREATE TRIGGER {_name(table, event)} BEFORE {event} ON {table} FOR EACH ROW {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )


def _function(table: str, event: str, when: str) -> str:
    row = "OLD" if event == "DELETE" else "NEW"
    refused = f"RAISE EXCEPTION '{_REFUSED}';"
    body = f"IF {when} THEN {refused} END IF; RETURN {row};" if when else f"{refused} RETURN NULL;"
    return (
        f"CREATE OR REPLACE FUNCTION {_name(table, event)}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    )


def _postgres(table: str, event: str) -> str:
    name = _name(table, event)
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
