"""Opens encrypted OpenDocument files: Blowfish and AES-CBC part by part, AES-GCM as a whole (LibreOffice 24.8)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, EncryptedDocumentError
from assistant.parsing.archives.contents import MAX_ENTRIES, MAX_TOTAL, refuse_bomb, too_large
from assistant.parsing.ooxml.package import attribute, find_child, local_name
from assistant.parsing.safe_xml import safe_root
from assistant.types import DocumentRef

if TYPE_CHECKING:
    from lxml.etree import _Element

_MANIFEST, _WHOLE, _MIMETYPE = "META-INF/manifest.xml", "encrypted-package", "mimetype"
_MAX_MANIFEST = 16 * 1024 * 1024
# What may be asked of the machine for one key: some seconds and half of what a parser's process may hold.
_MAX_ROUNDS, _MAX_PASSES, _MAX_LANES, _MAX_KIBIBYTES = 10_000_000, 100, 16, 256 * 1024
_CHECKED = 1024  # bytes of what is encrypted that the checksum is of
_PIECE = 1 << 18
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)  # of archives


def opened_odf(ref: DocumentRef, data: bytes, passwords: Sequence[str]) -> bytes | None:
    """Return an OpenDocument file without its encryption, `data` where it has none, None where no password opens it.

    Args:
        ref: the document.
        data: the file as its source has it.
        passwords: tried in their order.

    Raises:
        EncryptedDocumentError: it is encrypted in a way that no password opens here.
        DocumentTooLargeError: it unpacks to more than is safe to read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            manifest = _manifest(ref.key, archive)
            sealed = dict(_sealed(manifest)) if manifest is not None else {}
            if not sealed:
                return data
            for method in sealed.values():
                if method.unknown:
                    raise EncryptedDocumentError(
                        f"{ref.key}: the file is encrypted by a method that is not supported: {method.unknown}",
                        "no password helps here: open it in the program that made it, and store a copy without",
                    )
            return _opened(ref.key, archive, manifest, sealed, passwords)
    except (DamagedDocumentError, *_BROKEN):
        return data  # its parser says what is wrong with it


def _manifest(key: str, archive: zipfile.ZipFile) -> _Element | None:
    if len(archive.infolist()) > MAX_ENTRIES or _MANIFEST not in archive.namelist():
        return None
    if archive.getinfo(_MANIFEST).file_size > _MAX_MANIFEST:
        return None
    return safe_root(archive.read(_MANIFEST), f"{key}: {_MANIFEST}", doctype=True)  # as older programs declare


def _opened(
    key: str, archive: zipfile.ZipFile, manifest: _Element | None, sealed: dict[str, _Method], passwords: Sequence[str]
) -> bytes | None:
    """Return the file without its encryption, None where no password fits."""
    there = [name for name in sealed if name in archive.namelist()]
    if not there:
        raise DamagedDocumentError(f"{key}: none of the encrypted parts is there")
    smallest = min(there, key=lambda name: archive.getinfo(name).file_size)
    probe = archive.read(smallest)
    for password in passwords:
        for keys in _keys(password):
            if sealed[smallest].plain(probe, keys) is None:
                continue
            if _WHOLE in there:
                return _inflated(key, _WHOLE, sealed[_WHOLE].plain(archive.read(_WHOLE), keys) or b"", MAX_TOTAL)
            return _packed(key, archive, manifest, sealed, keys)
    return None


def _packed(
    key: str, archive: zipfile.ZipFile, manifest: _Element | None, sealed: dict[str, _Method], keys: _Keys
) -> bytes:
    """Return the file packed anew; a part that is damaged is left out."""
    result, left = io.BytesIO(), MAX_TOTAL
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain:
        for name in dict.fromkeys((_MIMETYPE, *archive.namelist())):
            if name == _MANIFEST or name.endswith("/") or name not in archive.namelist():
                continue
            entry, content = archive.getinfo(name), b""
            if entry.file_size > left:
                raise too_large(key)
            with contextlib.suppress(*_BROKEN):
                content = archive.read(entry)
                if name in sealed:
                    content = _inflated(key, name, sealed[name].plain(content, keys) or b"", left)
            left -= len(content)
            if content:
                plain.writestr(name, content, zipfile.ZIP_STORED if name == _MIMETYPE else None)
        plain.writestr(_MANIFEST, _without_encryption(manifest))
    return result.getvalue()


def _without_encryption(manifest: _Element | None) -> bytes:
    from lxml import etree

    if manifest is None:
        return b""
    for entry in manifest:
        for child in list(entry):
            if local_name(child) == "encryption-data":
                entry.remove(child)
    found: bytes = etree.tostring(manifest, xml_declaration=True, encoding="UTF-8")
    return found


def _inflated(key: str, name: str, packed: bytes, left: int) -> bytes:
    if packed.startswith(b"PK\x03\x04"):  # whole, and not packed a second time
        return packed
    inflater, parts, length, rest = zlib.decompressobj(-15), [], 0, packed
    while rest and not inflater.eof:
        piece = inflater.decompress(rest, _PIECE)
        rest = inflater.unconsumed_tail
        length += len(piece)
        refuse_bomb(key, name, length, len(packed))
        if length > left:
            raise too_large(key)
        parts.append(piece)
    return b"".join(parts)


class _Keys:
    """A password by one reading of its characters, and the keys that were made of it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._known: dict[object, bytes] = {}

    def of(self, method: _Method) -> bytes:
        """Return the key by a method: many parts of one file may share it."""
        wanted = (method.start, method.salt, method.rounds, method.argon2, method.key_size)
        if wanted not in self._known:
            start = hashlib.new(method.start, self._raw, usedforsecurity=False).digest()
            self._known[wanted] = method.derive(start)
        return self._known[wanted]


def _keys(password: str) -> Iterator[_Keys]:
    """Yield the readings of a password: programs before ODF 1.2 took it in Windows' Western encoding."""
    yield _Keys(password.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(UnicodeEncodeError):
        if not password.isascii():
            yield _Keys(password.encode("cp1252"))


@dataclass(frozen=True, slots=True)
class _Method:
    """How one part is encrypted; `unknown` names what is not supported, and nothing else matters then."""

    unknown: str = ""
    cipher: str = ""
    vector: bytes = b""
    start: str = "sha1"
    key_size: int = 16
    salt: bytes = b""
    rounds: int = 0
    argon2: tuple[int, int, int] | None = None  # passes, kibibytes, lanes
    digest: str = ""
    checksum: bytes = field(default=b"", repr=False)

    def derive(self, start: bytes) -> bytes:
        """Return the key that the start key leads to."""
        if self.argon2 is None:
            return hashlib.pbkdf2_hmac("sha1", start, self.salt, self.rounds, self.key_size)
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        passes, memory, lanes = self.argon2
        return Argon2id(
            salt=self.salt, length=self.key_size, iterations=passes, lanes=lanes, memory_cost=memory
        ).derive(start)

    def plain(self, data: bytes, keys: _Keys) -> bytes | None:
        """Return what was encrypted, still packed; None where the password is not that, or the part is damaged."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        key = keys.of(self)
        try:
            if self.cipher == "gcm":  # the vector stands in front of it as well, and the proof of the key at the end
                return AESGCM(key).decrypt(self.vector, data.removeprefix(self.vector), None)
            if self.cipher == "cbc":
                stream = Cipher(AES(key), CBC(self.vector)).decryptor()
                found = stream.update(data) + stream.finalize()
                found = found[: -found[-1]] if found and 0 < found[-1] <= AES.block_size // 8 else b""
            else:
                stream = Cipher(Blowfish(key), CFB(self.vector)).decryptor()
                found = stream.update(data) + stream.finalize()
        except (InvalidTag, ValueError):
            return None
        if self.digest:
            same = hashlib.new(self.digest, found[:_CHECKED], usedforsecurity=False).digest() == self.checksum
            return found if same else None
        return found if _begins_packed(found) else None


def _begins_packed(data: bytes) -> bool:
    try:
        return bool(zlib.decompressobj(-15).decompress(data, 1))
    except zlib.error:
        return False


def _sealed(manifest: _Element) -> Iterator[tuple[str, _Method]]:
    """Yield the parts that are encrypted, and how."""
    for entry in manifest:
        secret = find_child(entry, "encryption-data") if local_name(entry) == "file-entry" else None
        if secret is not None:
            try:
                yield (attribute(entry, "full-path") or "").lstrip("/"), _method(secret)
            except (ValueError, binascii.Error) as error:
                yield (attribute(entry, "full-path") or "").lstrip("/"), _Method(unknown=str(error))


def _method(secret: _Element) -> _Method:
    """Read how a part is encrypted. Raises ValueError, which names what is not supported."""
    algorithm, derivation = (find_child(secret, name) for name in ("algorithm", "key-derivation"))
    if algorithm is None or derivation is None or find_child(secret, "encrypted-key") is not None:
        raise ValueError("keys of persons (OpenPGP)")
    named = attribute(algorithm, "algorithm-name") or ""
    ciphers = {"blowfish cfb": "blowfish", "-cbc": "cbc", "-gcm": "gcm"}
    cipher = next((kind for end, kind in ciphers.items() if named.lower().endswith(end)), "")
    if not cipher or (cipher != "blowfish" and "#aes" not in named.lower()):
        raise ValueError(_named(named))
    start = find_child(secret, "start-key-generation")
    vector = base64.b64decode(attribute(algorithm, "initialisation-vector") or "")
    salt = base64.b64decode(attribute(derivation, "salt") or "")
    key_size = _number(attribute(derivation, "key-size"), 16)
    if len(vector) != {"blowfish": 8, "cbc": 16, "gcm": 12}[cipher] or key_size not in {16, 24, 32} or len(salt) < 8:
        raise ValueError("sizes that do not fit its method")
    rounds, argon2 = _effort(derivation)
    digest = _digest(attribute(secret, "checksum-type") or "") if cipher != "gcm" else ""
    return _Method(
        cipher=cipher,
        vector=vector,
        start=_digest(attribute(start, "start-key-generation-name") or "") if start is not None else "sha1",
        key_size=key_size,
        salt=salt,
        rounds=rounds,
        argon2=argon2,
        digest=digest,
        checksum=base64.b64decode(attribute(secret, "checksum") or ""),
    )


def _effort(derivation: _Element) -> tuple[int, tuple[int, int, int] | None]:
    """Return how a key is derived: the rounds of PBKDF2, or what Argon2id asks for."""
    named = attribute(derivation, "key-derivation-name") or ""
    if named.rpartition(":")[2].rpartition("#")[2].lower() == "pbkdf2":
        rounds = _number(attribute(derivation, "iteration-count"), 1024)
        if 0 < rounds <= _MAX_ROUNDS:
            return rounds, None
        raise ValueError(f"PBKDF2 with {rounds:,} rounds")
    if named.lower().endswith("argon2id"):
        passes, memory, lanes = (
            _number(attribute(derivation, f"argon2-{name}"), 0) for name in ("iterations", "memory", "lanes")
        )
        if 0 < passes <= _MAX_PASSES and 0 < lanes <= _MAX_LANES and 8 * lanes <= memory <= _MAX_KIBIBYTES:
            return 0, (passes, memory, lanes)
        raise ValueError(f"Argon2id with {passes:,} passes over {memory:,} KiB in {lanes:,} lanes")
    raise ValueError(_named(named))


def _digest(named: str) -> str:
    plain = re.split(r"[#:]", named.lower().removesuffix("/1k").removesuffix("-1k"))[-1]
    if plain in {"", "sha1", "sha256", "sha512"}:
        return plain
    raise ValueError(_named(named))


def _number(value: str | None, default: int) -> int:
    if value is None:
        return default
    if not value.isascii() or not value.isdecimal() or len(value) > 12:
        raise ValueError("sizes that are no numbers")
    return int(value)


def _named(method: str) -> str:
    return " ".join(method.split())[:100] or "one that it does not name"
