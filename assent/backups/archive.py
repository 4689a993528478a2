"""
The archive: a compressed tar, encrypted with age, that carries its own manifest.

``age -d -i KEY FILE | tar tz`` reads one without us. It is written and read as a stream: neither takes memory, and nothing
but the encrypted file ever leaves the data folder. The manifest comes last, since it holds the digests of all the rest; it
is sealed by the house's master key, so that nobody else can make an archive the house would take for its own.
"""

import gzip
import json
import os
import tarfile
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyrage

from assent.backups.contracts import Damaged, Refused
from assent.foundation import keys
from assent.foundation.canonical import dumps
from assent.foundation.crypto import CannotOpen

__all__ = ["MANIFEST", "Member", "identities", "pack", "unpack"]

MANIFEST = "manifest.json"
FORMAT = 1
PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name there, and where it lies now."""

    name: str
    path: Path


def pack(file: IO[bytes], members: Iterable[Member], manifest: dict[str, Any], *, recipients: Sequence[str]) -> tuple[int, str]:
    """
    Write an archive and return its size and SHA-256.

    :raises OSError: if the disk is full
    """
    out = _Counting(file)
    known = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    try:
        pyrage.encrypt_io(_Reading(_compressed(_tar(members, manifest))), out, known)
    except OSError:
        raise
    except Exception as error:
        # What our reader or writer raised comes back wrapped by the library.
        raise (out.failed or OSError(str(error))) from error
    if out.failed is not None:  # of the last pieces the library does not tell
        raise out.failed
    return out.size, out.digest.hexdigest()


class _Counting:
    """Hands on what is written, counts it and sums it up."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.digest = file, 0, sha256()
        self.failed: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            self.file.write(data)
        except OSError as error:
            self.failed = error
            raise
        self.size += len(data)
        self.digest.update(data)
        return len(data)

    def flush(self) -> None:
        self.file.flush()


class _Reading:
    """Makes pieces, as they come, into a file to read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        size = len(self._left) if size < 0 else size
        taken, self._left = self._left[:size], self._left[size:]
        return taken


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(level=1, wbits=31)
    for piece in pieces:
        if data := packing.compress(piece):
            yield data
    yield packing.flush()


def _tar(members: Iterable[Member], manifest: dict[str, Any]) -> Iterator[bytes]:
    listed = []
    for member in members:
        with member.path.open("rb") as file:
            size, summed = os.fstat(file.fileno()).st_size, sha256()
            yield _header(member.name, size)
            left = size
            while left and (data := file.read(min(left, PIECE))):
                left -= len(data)
                summed.update(data)
                yield data
            if left:
                message = f"{member.path} became shorter while it was copied"
                raise OSError(message)
        yield _padding(size)
        listed.append({"name": member.name, "size": size, "sha256": summed.hexdigest()})
    body = {**manifest, "format": FORMAT, "members": listed}
    body["seal"] = keys.master().wrap(sha256(dumps(body)).digest(), context=_context(body)).hex()
    data = dumps(body)
    yield _header(MANIFEST, len(data))
    yield data
    yield _padding(len(data))
    yield bytes(2 * tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


def _context(body: dict[str, Any]) -> bytes:
    return f"backup:{body['kind']}:{body['id']}".encode()


def identities(file: Path, passphrase: str = "") -> list[pyrage.x25519.Identity]:
    """
    Read a file of private keys, which may itself be protected by a passphrase.

    :raises Refused: if it holds none, or the passphrase does not open it
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        message = f"{file}: the private key can't be read ({error.strerror}); name the file that `assent backup key` made"
        raise Refused(message) from None
    if data.startswith(b"age-encryption.org/"):
        try:
            data = pyrage.passphrase.decrypt(data, passphrase)
        except pyrage.DecryptError:
            message = f"{file}: the passphrase does not open this private key"
            raise Refused(message) from None
    lines = [line.strip() for line in data.decode(errors="replace").splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except pyrage.IdentityError:
        found = []
    if not found:
        message = f"{file} holds no private key of age (AGE-SECRET-KEY-…)"
        raise Refused(message)
    return found


def unpack(file: Path, into: Path | None, *, opening: Sequence[pyrage.x25519.Identity]) -> dict[str, Any]:
    """
    Read an archive to its end, check every byte of it, and return its manifest.

    :param into: where to put its files; None only to check them
    :raises Damaged: if anything of it is not what was made
    :raises Refused: if the key does not open it, or it is another house's
    """
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def decrypt() -> None:
        try:
            with os.fdopen(writing, "wb") as out, file.open("rb") as source:
                pyrage.decrypt_io(source, out, list(opening))
        except BaseException as error:  # noqa: BLE001 - told to the one who reads
            failed.append(error)

    worker = threading.Thread(target=decrypt, name="decrypt", daemon=True)
    worker.start()
    try:
        with os.fdopen(reading, "rb") as opened:
            manifest, found = _read(opened, into)
            while opened.read(PIECE):  # what age adds at the end tells whether anything was cut off
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, KeyError) as error:
        worker.join()
        raise _why(file, failed[0] if failed else error) from None
    worker.join()
    if failed:
        raise _why(file, failed[0])
    _compare(file, manifest, found)
    return manifest


def _why(file: Path, error: BaseException) -> Refused:
    if isinstance(error, pyrage.DecryptError) and "matching" in str(error).lower():
        return Refused(f"{file.name} was encrypted to another key than the one given")
    if isinstance(error, FileNotFoundError):
        return Refused(f"there is no file {file}")
    return Damaged(f"{file.name} is damaged: it can't be read to its end ({error}); take another copy")


def _read(stream: IO[bytes], into: Path | None) -> tuple[dict[str, Any], dict[str, tuple[int, str]]]:
    found: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] = {}
    with gzip.GzipFile(fileobj=stream) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
        for info in tar:
            content = tar.extractfile(info)
            if content is None or not info.isreg() or manifest:
                message = f"it holds {info.name!r}, which no archive of ours does"
                raise ValueError(message)
            if info.name == MANIFEST:
                manifest = json.loads(content.read())
                continue
            found[info.name] = _keep(content, _inside(into, info.name) if into else None)
        while plain.read(PIECE):
            pass
    if not manifest:
        message = "it has no manifest"
        raise ValueError(message)
    return manifest, found


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        message = f"it names a file outside its folder: {name!r}"
        raise ValueError(message)
    return folder.joinpath(*parts.parts)


def _keep(content: IO[bytes], path: Path | None) -> tuple[int, str]:
    size, summed = 0, sha256()
    if path is None:
        while data := content.read(PIECE):
            size += len(data)
            summed.update(data)
        return size, summed.hexdigest()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while data := content.read(PIECE):
            size += len(data)
            summed.update(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return size, summed.hexdigest()


def _compare(file: Path, manifest: dict[str, Any], found: dict[str, tuple[int, str]]) -> None:
    if manifest.get("format") != FORMAT:
        message = (
            f"{file.name} has the format {manifest.get('format')}; this version reads {FORMAT}: use the version it was made by"
        )
        raise Refused(message)
    body = {name: value for name, value in manifest.items() if name != "seal"}
    try:
        sealed = keys.master().unwrap(bytes.fromhex(str(manifest.get("seal", ""))), context=_context(body))
    except (CannotOpen, ValueError, KeyError):
        message = f"{file.name} was not made by this house: its manifest is not sealed by the master key that is here"
        raise Refused(message) from None
    if sealed != sha256(dumps(body)).digest():
        message = f"{file.name} is damaged: its manifest was changed"
        raise Damaged(message)
    said = {one["name"]: (one["size"], one["sha256"]) for one in manifest["members"]}
    if said != found:
        wrong = sorted({*said, *found} - {name for name in said if said[name] == found.get(name)})
        message = f"{file.name} is damaged: {', '.join(wrong[:3])} is not what the manifest says"
        raise Damaged(message)
