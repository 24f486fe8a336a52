"""Encrypted copies, in the age format: anybody's `age` opens them, and the shop's host holds no key that does.

Streams, so that a database of any size passes; never reads a key from anywhere but the file that it is given.
"""

import zlib
from pathlib import Path
from typing import BinaryIO

import pyrage

from bot.store.errors import StoreError

_HEADS = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----")
_SECRET = "AGE-SECRET-KEY-"
_GZIP = 31
_CHUNK = 1 << 18


class _Packing:
    """A file, compressed as it is read (gzip)."""

    def __init__(self, plain: BinaryIO) -> None:
        self._plain = plain
        self._packer = zlib.compressobj(wbits=_GZIP)
        self._ready = b""
        self._is_over = False

    def read(self, most: int = -1) -> bytes:
        """So many bytes, fewer at the end; all of them where no number is given."""
        while not self._is_over and (most < 0 or len(self._ready) < most):
            chunk = self._plain.read(_CHUNK)
            self._is_over = not chunk
            self._ready += self._packer.compress(chunk) if chunk else self._packer.flush()
        given, self._ready = (self._ready, b"") if most < 0 else (self._ready[:most], self._ready[most:])
        return given


def seal(plain: Path, sealed: Path, recipient: str, *, packed: bool = False, armored: bool = False) -> None:
    """Encrypt a file to a public key (`age1…`), `packed` before (gzip), or `armored` as text. Raises `StoreError`."""
    try:
        with plain.open("rb") as reader, sealed.open("wb") as writer:
            source = _Packing(reader) if packed else reader
            to = [pyrage.x25519.Recipient.from_str(recipient)]
            pyrage.encrypt_io(source, writer, to, armored)
    except (OSError, pyrage.EncryptError) as error:
        raise StoreError(f"{sealed} could not be encrypted: {error}") from error


def is_sealed(path: Path) -> bool:
    """Whether the file is encrypted by age."""
    with path.open("rb") as file:
        return file.read(max(map(len, _HEADS))).startswith(_HEADS)


def unseal(sealed: Path, plain: Path, key_file: Path | None) -> None:
    """Decrypt a file with the private key that stands in a key file. Raises `StoreError` with what to do."""
    if key_file is None:
        raise StoreError(f"{sealed} is encrypted: name the file with its private key, --identity KEYFILE")
    identities = _identities(key_file)
    try:
        with sealed.open("rb") as reader, plain.open("wb") as writer:
            pyrage.decrypt_io(reader, writer, identities)
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise StoreError(f"the key in {key_file} does not open {sealed}: it was encrypted to another") from None
        raise StoreError(f"{sealed} could not be decrypted: {error}") from error
    except OSError as error:
        raise StoreError(f"{sealed} could not be decrypted, it may be damaged or cut off: {error}") from error


def _identities(key_file: Path) -> list[pyrage.x25519.Identity]:
    try:
        lines = [line.strip() for line in key_file.read_text(encoding="utf-8").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(_SECRET)]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise StoreError(f"{key_file} cannot be read as an age key file: {error}") from None
    if not found:
        raise StoreError(f"no private key in {key_file}: a line of it begins {_SECRET}1…, `age-keygen` makes one")
    return found
