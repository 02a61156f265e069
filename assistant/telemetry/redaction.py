"""Masks personal data and secrets in a text by their shapes and check digits, so that logs hold none."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

MASK = "**********"

# What programs sign in with: the assistant's own tokens and sessions, and those of common services by their prefixes.
_TOKENS = re.compile(
    r"\b(ast_|ses_)[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"
    r"|\b(gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|xapp-|sk-|AKIA|ATATT)[A-Za-z0-9_-]{16,}"
    r"|\b(eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
)
_SIGNED_IN = re.compile(r"\b(Bearer|Basic)\s+(?!\*{4})[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^\s/?#@\"'<>]+@")
_NAMED = re.compile(  # password=…, ?access_token=…, "api_key": "…"
    r"(?P<name>(?<![A-Za-z])(?:[a-z0-9]{1,20}[_-]){0,3}(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|apikey|sig(?:nature)?"
    r"|credentials?|cookie|client[_-]?secret|secret[_-]?key|code[_-]?verifier)[\"']?\s*[=:]\s*[\"']?)"
    r"(?![A-Za-z_-]{0,12}\*{4})(?P<value>[^\s\"'&,;<>(){}\[\]]{4,})",
    re.IGNORECASE,
)
_LOCAL = r"[^\s@<>()\[\]{}\"'`,;:=|/\\]"
_MAIL = re.compile(
    _LOCAL + r"{1,64}(?:(?<=\w)'" + _LOCAL + r"{1,64})?@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}\b"
)
_BREAK = r"(?<=\\[nrt])"  # a line's end as `repr` writes it: its letter is none of what follows
_IBAN = re.compile(
    rf"(?:(?<![A-Z0-9])|{_BREAK})[A-Z]{{2}}\d{{2}}(?:[ -]?[A-Z0-9]{{4}}){{2,7}}(?:[ -]?[A-Z0-9]{{1,3}})?(?![A-Z0-9])",
    re.IGNORECASE,
)
_CARD = re.compile(rf"(?:(?<![\w.,+-])|{_BREAK})\d(?:[ -]?\d){{11,18}}(?![\w-])(?![.,]\d)")
_CARD_ISSUERS = re.compile(r"3[04-9]|4|5[0-9]|6|2[2-7]|1800|2131")  # what card numbers begin with
_SSN = re.compile(rf"(?:(?<![\w-])|{_BREAK})(?!000|666)\d{{3}}-(?!00)\d{{2}}-(?!0000)\d{{4}}(?![\w-])")
_IPV4 = re.compile(rf"(?:(?<![\w.])|{_BREAK})\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\w)(?!\.\d)")
_IPV6 = re.compile(
    rf"(?:(?<![\w:.])|{_BREAK})(?:[0-9a-f]{{0,4}}:){{2,7}}(?:[0-9a-f]{{0,4}}|\d{{1,3}}(?:\.\d{{1,3}}){{3}})(?![\w:])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    rf"(?:(?<![\w.:/+#-])(?<!\d,)|{_BREAK})(?:\+|\()?\d(?:[ ./()-]{{0,3}}\d){{6,16}}"
    r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\w)(?!-[0-9a-f]+\b)(?![.,:/]\d)"
)
_PHONE_PREFIX = re.compile(r"\+|00[1-9]|0[1-9]")
_DATE = re.compile(r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))(?: \d{1,2})?")
_YEARS = re.compile(r"(?:19|20)\d\d[ ./-]+(?:19|20)\d\d")


def redact(text: str, keep: Collection[str] = ()) -> str:
    """Return the text with a mask in place of every secret and of personal data of known shapes.

    Masked are tokens, sessions, `Authorization` values, user and password within URLs, values that are named as
    secrets; mail addresses, card numbers (with a right check digit), IBANs (modulo 97), US social security numbers, IP
    addresses and phone numbers. Names of people have no shape and stay. Loopback and unspecified addresses stay: they
    tell of nobody.

    Args:
        text: e.g. a line of a log.
        keep: IP addresses that stay too, such as those of configured servers.
    """
    text = without_secrets(text)
    if "@" in text:
        text = _MAIL.sub("[mail]", text)
    if "::" in text or text.count(":") > 6:
        text = _IPV6.sub(lambda found: _address(found[0], keep), text)
    if not any(character.isdigit() for character in text):
        return text
    text = _IPV4.sub(lambda found: _address(found[0], keep), text)
    text = _IBAN.sub(lambda found: "[iban]" if _is_iban(found[0]) else found[0], text)
    text = _SSN.sub("[ssn]", text)
    text = _CARD.sub(lambda found: "[card]" if _is_card(found[0]) else found[0], text)
    return _PHONE.sub(lambda found: "[phone]" if _is_phone(found[0]) else found[0], text)


def without_secrets(text: str) -> str:
    """Return the text with a mask in place of every secret, and personal data as they are."""
    text = _TOKENS.sub(lambda found: (found[1] or found[2] or found[3]) + MASK, text)
    text = _SIGNED_IN.sub(lambda found: f"{found[1]} {MASK}", text)
    if "://" in text:
        text = _USERINFO.sub(f"{MASK}@", text)
    if "=" in text or ":" in text:
        text = _NAMED.sub(lambda found: found["name"] + MASK, text)
    return text


def _address(found: str, keep: Collection[str]) -> str:
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return found  # a time, or a version of five parts
    if address.is_loopback or address.is_unspecified or found in keep:
        return found
    return "[ip]"


def _is_iban(found: str) -> bool:
    plain = found.replace(" ", "").replace("-", "").upper()
    if not plain.isascii() or not 15 <= len(plain) <= 34:  # ignoring case, [A-Z] is also İ and the sign of Kelvin
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_card(found: str) -> bool:
    digits = [int(character) for character in found if character.isdigit()]
    if not _CARD_ISSUERS.match("".join(map(str, digits))):
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_phone(found: str) -> bool:
    """Whether digits and separators are grouped as people write phone numbers, and not as a date or a count."""
    number = re.split(r"\s?(?:x|ext)", found)[0]
    groups = re.findall(r"\d+", number.replace("(0)", " "))
    count = sum(map(len, groups))
    if not 7 <= count <= 15 or _DATE.fullmatch(number) or _YEARS.fullmatch(number):
        return False
    prefixed = bool(_PHONE_PREFIX.match(number.lstrip("(")))
    if len(groups) == 1:
        # one that begins with 1 and has ten digits is the time in seconds
        return number.startswith("+") or (prefixed and count >= 9) or (count == 10 and number[0] in "23456789")
    if len(groups) == 2 and not prefixed:
        return len(groups[0]) <= 4 <= len(groups[1])
    if len({*re.findall(r"\d([ ./-])(?=\d)", number)}) > 1 and not prefixed:
        return False
    return len(groups) <= 6 and all(2 <= len(group) <= 8 for group in groups[2 if prefixed else 1 :])
