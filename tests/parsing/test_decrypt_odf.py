"""Encrypted OpenDocument files are read with their source's passwords, by all methods that LibreOffice writes."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import zipfile
import zlib

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from assistant.errors import DocumentTooLargeError, EncryptedDocumentError, IngestError
from assistant.parsing import decrypt_odf
from assistant.parsing.check import check_document
from assistant.parsing.decrypt import decrypted
from assistant.parsing.odf.parser import OdfParser
from assistant.types import DocumentRef

TEXT = "application/vnd.oasis.opendocument.text"
REF = DocumentRef("files", "a.odt", "v1", "a.odt", "", TEXT)
SECRET = "Grüße-9"  # noqa: S105
CONTENT = (
    '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text>'
    f"<t:p>The rent is 900 euros.</t:p><!-- {random.Random(1).randbytes(900).hex()} --></o:text></o:body>"
    "</o:document-content>"
).encode()
PARTS = {"content.xml": CONTENT, "Pictures/a.png": b"\x89PNG picture"}
METHODS = ["blowfish", "cbc", "gcm"]
NAMES = {"blowfish": "Blowfish CFB", "cbc": "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
         "gcm": "http://www.w3.org/2009/xmlenc11#aes256-gcm"}  # fmt: skip


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sealed(method: str, content: bytes, password: bytes, change: dict[str, str]) -> tuple[bytes, str]:
    """Return a part as it is encrypted, and the words of the manifest that say how."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, salt = packer.compress(content) + packer.flush(), bytes(range(16))
    vector = bytes(range({"blowfish": 8, "cbc": 16, "gcm": 12}[method]))
    digest = "sha1" if method == "blowfish" else "sha256"
    start = hashlib.new(digest, password).digest()
    checksum = b64(hashlib.new(digest, packed[:1024]).digest())
    attributes = {"key-derivation-name": "PBKDF2", "iteration-count": "5", "salt": b64(salt)}
    if method == "gcm":
        key = Argon2id(salt=salt, length=32, iterations=1, lanes=2, memory_cost=64).derive(start)
        found = vector + AESGCM(key).encrypt(vector, packed, None)
        attributes["key-derivation-name"] = "urn:org:documentfoundation:names:experimental:office:manifest:argon2id"
        attributes |= {"argon2-iterations": "1", "argon2-memory": "64", "argon2-lanes": "2", "key-size": "32"}
    elif method == "cbc":
        stream = Cipher(AES(hashlib.pbkdf2_hmac("sha1", start, salt, 5, 32)), CBC(vector)).encryptor()
        fill = 16 - len(packed) % 16
        found = stream.update(packed + b"\7" * (fill - 1) + bytes([fill])) + stream.finalize()
        attributes["key-size"] = "32"
    else:
        stream = Cipher(Blowfish(hashlib.pbkdf2_hmac("sha1", start, salt, 5, 16)), CFB(vector)).encryptor()
        found = stream.update(packed) + stream.finalize()
    said = "".join(
        f' {"l" if "argon2-" in name else "m"}:{name}="{value}"' for name, value in (attributes | change).items()
    )
    kind = "" if method == "gcm" else f' m:checksum-type="{digest.upper()}/1K" m:checksum="{checksum}"'
    generation = f'<m:start-key-generation m:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#{digest}"/>'
    return found, (
        f'<m:encryption-data{kind}><m:algorithm m:algorithm-name="{NAMES[method]}"'
        f' m:initialisation-vector="{b64(vector)}"/>{generation if method != "blowfish" else ""}'
        f"<m:key-derivation{said}/></m:encryption-data>"
    )


def odf(method: str = "", password: bytes = SECRET.encode(), parts: dict[str, bytes] = PARTS, *, doctype: str = "",
        **change: str) -> bytes:  # fmt: skip
    """Return an OpenDocument file; `change` is what its manifest says otherwise of how keys are derived."""
    if method == "gcm":
        parts = {"encrypted-package": odf(parts=parts)}
    output, entries = io.BytesIO(), ""
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", TEXT, zipfile.ZIP_STORED)
        for name, content in parts.items():
            data, how = sealed(method, content, password, change) if method else (content, "")
            archive.writestr(name, data, zipfile.ZIP_STORED if method else None)
            entries += f'<m:file-entry m:full-path="{name}" m:size="{len(content)}">{how}</m:file-entry>'
        head = f'{doctype}<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" xmlns:l="urn:l">'
        archive.writestr("META-INF/manifest.xml", f"{head}{entries}</m:manifest>")
    return output.getvalue()


@pytest.mark.parametrize("method", METHODS)
def test_a_password_opens_it(method: str) -> None:
    data = odf(method)
    with pytest.raises(IngestError):
        OdfParser().parse(REF, data)
    plain = decrypted(REF, data, ["wrong", SECRET])
    document = OdfParser().parse(REF, plain)
    check_document(document)
    assert document.text == "The rent is 900 euros."
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        assert {name: archive.read(name) for name in PARTS} == PARTS
        assert archive.namelist()[0] == "mimetype"


def test_passwords_of_older_programs_and_their_document_type() -> None:
    doctype = '<!DOCTYPE m:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">'
    data = odf("blowfish", SECRET.encode("cp1252"), doctype=doctype)
    assert OdfParser().parse(REF, decrypted(REF, data, [SECRET])).text == "The rent is 900 euros."


def test_what_is_not_encrypted_or_no_such_file_is_handed_on_untouched() -> None:
    for data in (odf(), odf()[:200], b"PK rubbish", odf("cbc")[:-40]):
        assert decrypted(REF, data, [SECRET]) is data


@pytest.mark.parametrize("method", METHODS)
def test_wrong_and_missing_passwords_are_told_apart_and_never_told(method: str) -> None:
    data = odf(method)
    for passwords, cause in [([], "its source has none"), (["hunter2"], "the source's password does not open it")]:
        with pytest.raises(EncryptedDocumentError, match=r"a\.odt: ") as caught:
            decrypted(REF, data, passwords)
        assert cause in caught.value.message
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "change", "named"),
    [
        ("cbc", {"iteration-count": "999999999"}, "PBKDF2 with 999,999,999 rounds"),
        ("gcm", {"argon2-memory": "9999999"}, "Argon2id with 1 passes over 9,999,999 KiB in 2 lanes"),
        ("cbc", {"key-derivation-name": "http://example.org/scrypt"}, "http://example.org/scrypt"),
        ("cbc", {"key-size": "many"}, "sizes that are no numbers"),
        ("cbc", {"salt": ""}, "sizes that do not fit its method"),
    ],
)
def test_methods_that_nobody_knows_or_can_afford_are_named(method: str, change: dict[str, str], named: str) -> None:
    with pytest.raises(EncryptedDocumentError) as caught:
        decrypted(REF, odf(method, **change), [SECRET])
    assert f"a method that is not supported: {named}" in caught.value.message
    assert "no password helps" in caught.value.hint


def test_keys_of_persons_are_named() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(odf("cbc"))) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("manifest.xml"):
                content = content.replace(b"<m:algorithm", b"<m:encrypted-key/><m:algorithm")
            new.writestr(name, content)
    with pytest.raises(EncryptedDocumentError, match="OpenPGP"):
        decrypted(REF, output.getvalue(), [SECRET])


@pytest.mark.parametrize("method", METHODS)
def test_bombs_are_refused(method: str) -> None:
    parts = {"content.xml": CONTENT, "Pictures/a.png": b"\0" * (30 << 20)}
    data = odf(method, parts=parts)
    if method == "gcm":  # what is in the file is its parser's business
        with zipfile.ZipFile(io.BytesIO(decrypted(REF, data, [SECRET]))) as opened:  # the times in it differ
            assert opened.read("Pictures/a.png") == parts["Pictures/a.png"]
        return
    with pytest.raises(DocumentTooLargeError, match=r"a\.odt: Pictures/a\.png unpacks to"):
        decrypted(REF, data, [SECRET])


def test_the_whole_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decrypt_odf, "MAX_TOTAL", 500)
    for method in METHODS:
        with pytest.raises(DocumentTooLargeError, match=r"a\.odt"):
            decrypted(REF, odf(method), [SECRET])


@pytest.mark.parametrize("method", METHODS)
def test_damage_ends_in_a_file_or_a_clear_error(method: str) -> None:
    dice, good = random.Random(3), odf(method)
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        data = bytes(damaged[: dice.randint(len(damaged) // 2, len(damaged))])
        try:
            check_document(OdfParser().parse(REF, decrypted(REF, data, [SECRET])))
        except IngestError as error:
            assert "a.odt" in error.message  # noqa: PT017 (an error is allowed, not asked for)
