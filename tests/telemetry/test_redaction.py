"""Personal data and secrets are found by shape; what only looks like them stays."""

from __future__ import annotations

import time

import pytest

from assistant.telemetry import MASK, redact

MASKED = {
    "[mail]": [
        "ann.brown@example.com",
        "ann.o'hara+news@mail.example.co.uk",
        "jürgen@bücher.example",
        "<12.34@mx.example.org>",
    ],
    "[card]": ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "6011 0009 9013 9424"],
    "[iban]": ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "nl91abna0417164300"],
    "[ssn]": ["212-09-9999"],
    "[ip]": ["203.0.113.7", "10.1.2.3", "2001:db8::17", "fe80:0:0:0:1:2:3:4"],
    "[phone]": [
        "+49 30 1234567",
        "+46 (0)8 123 456 78",
        "001-202-555-0143",
        "(202) 555-0143",
        "202-555-0143x12",
        "0301 7654321",
        "01.99.00.12.34",
        "555 0143",
    ],
}
KEPT = [
    "2026-11-29 20:58:54.123 took 12.345 s",
    "29.11.2026 20:58",
    "1,234,567 of 2,345,678 documents",
    "run 3f2b8c1e-1234-4123-9123-123456789012",
    "run 12345678-1234-4123-9123-123456789012",
    "at 1764450000.123 and 1764450000123456789",
    "digest 3f786850e387550fdab836ed7e6dc881de23001b",
    "version 1.2.3.4.5, torch 2.13.0",
    "the years 1999-2004",
    "http://127.0.0.1:8090/api/status and [::1]:8090 and 0.0.0.0",
    'File "/srv/a.py", line 1234, in f',
    "4111111111111112 has a wrong check digit",
    "DE88370400440532013000 too",
    "the token laptop was revoked; passwords FILE",
    "TR34 \u0130STANBUL 2024 ABC and TR34 \u212aELVIN 2024 ABCD",
]
SECRETS = {
    "ast_" + "aB3-_" * 8 + "xyz": "ast_" + MASK,
    "ses_" + "aB3-_" * 8 + "xyz": "ses_" + MASK,
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789": "ghp_" + MASK,
    "Authorization: Basic dXNlcjpwYXNzd29yZA==": f"Authorization: Basic {MASK}",
    "postgresql://bob:hunter2@db/x": f"postgresql://{MASK}@db/x",
    "GET /x?access_token=abcd1234&page=2": f"GET /x?access_token={MASK}&page=2",
    "{'api_key': 'abcd1234', 'tokens': 12345}": f"{{'api_key': '{MASK}', 'tokens': 12345}}",
    "client_secret=abcd1234": f"client_secret={MASK}",
}


@pytest.mark.parametrize(("mask", "value"), [(mask, value) for mask, values in MASKED.items() for value in values])
@pytest.mark.parametrize("around", ["{}", "call {}, now", "x: {}.", "({})", "'{}'", "a\n{}\nb", "a\\n{}\\nb", "to={}"])
def test_personal_data_is_masked(mask: str, value: str, around: str) -> None:
    line = redact(around.format(value))
    assert mask in line
    assert value.strip("<>") not in line


@pytest.mark.parametrize("line", KEPT)
def test_what_only_looks_like_it_stays(line: str) -> None:
    assert redact(line) == line


@pytest.mark.parametrize(("line", "expected"), SECRETS.items())
def test_secrets_are_masked(line: str, expected: str) -> None:
    assert redact(line) == expected
    assert redact(f"sent {line} twice") == f"sent {expected} twice"


def test_redacting_again_changes_nothing() -> None:
    line = "; ".join([*SECRETS, *(value for values in MASKED.values() for value in values)])
    assert redact(redact(line)) == redact(line)


def test_addresses_of_configured_servers_stay() -> None:
    assert redact("10.1.2.3 and 10.1.2.4", {"10.1.2.3"}) == "10.1.2.3 and [ip]"


@pytest.mark.parametrize("piece", ["1", "1 ", "(1)", "a@", "1.", "a:", "::", "a_", "A1", "://", "token", "@a.", "'a"])
def test_no_line_takes_long(piece: str) -> None:
    started = time.process_time()
    redact(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 2
