"""
Finds given strings in files however they hide: plain, in other cases and encodings, hashed, compressed, columnar.

Used to show that nothing of an erased person is left. A scanner that finds nothing proves nothing, so it is tried on
planted strings first, and the test finds each canary where it belongs before it is erased.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pypdf
from pypdf.errors import PyPdfError

DEEPEST = 4  # archives in archives
# How archives and documents begin when they are written as text, as an attachment of a mail is: zip, gzip, PDF, Parquet, JPEG.
ATTACHED = re.compile(rb"(?:UEsDB|H4sI|JVBERi0|UEFSM|/9j/)[A-Za-z0-9+/\r\n]{16,}={0,2}")
PNG = b"\x89PNG\r\n\x1a\n"


@cache
def disguises(canary: str) -> list[tuple[str, bytes]]:
    """Return the ways a string may be written, each with its name, in lower case."""
    return list(dict.fromkeys(_disguises(canary)))


def _disguises(canary: str) -> Iterator[tuple[str, bytes]]:
    forms = {canary, canary.casefold(), canary.upper()}
    if canary.startswith("+"):
        # A number is hashed as advertisers want it, too: without its plus, and with the two zeros of a telephone.
        forms |= {canary[1:], f"00{canary[1:]}"}
    for form in forms:
        yield "plain", form.encode().lower()
        yield "utf-16", form.encode("utf-16-le").lower()
        yield "utf-16", form.encode("utf-16-be").lower()
        yield "json", json.dumps(form)[1:-1].encode().lower()
        yield "url", urllib.parse.quote(form).encode().lower()
        yield "hex", form.encode().hex().encode()
        for algorithm in ("md5", "sha1", "sha256", "sha512"):
            hashed = hashlib.new(algorithm, form.encode(), usedforsecurity=False)
            yield algorithm, hashed.hexdigest().encode()
            yield algorithm, hashed.digest().lower()
            yield algorithm, base64.b64encode(hashed.digest()).rstrip(b"=").lower()
        # Base64 of a text that holds the canary somewhere: three alignments, edges cut where neighbours mix in.
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + form.encode())
            start = {0: 0, 1: 2, 2: 3}[shift]
            kept = encoded[start : len(encoded) - 4]
            if len(kept) >= 8:
                yield "base64", kept.lower()
                yield "base64", kept.translate(bytes.maketrans(b"+/", b"-_")).lower()


def layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """Return the bytes and everything packed inside them."""
    yield data
    if depth >= DEEPEST:
        return
    inner: list[bytes] = []
    if data[:4] == b"PAR1":
        inner += _columns(data)
    elif data[:2] == b"\x1f\x8b":
        inner += _maybe(gzip.decompress, data)
    elif data[:2] == b"PK":
        inner += _members(data)
    elif data[:5] == b"%PDF-":
        inner += _pages(data)
    elif data[:8] == PNG:
        inner += _chunks(data)
    elif data[:1] == b"\x78":
        inner += _maybe(zlib.decompress, data)
    inner += [_unwritten(found[0]) for found in ATTACHED.finditer(data)]
    for part in inner:
        yield from layers(part, depth + 1)


def _maybe(unpack, data: bytes) -> list[bytes]:
    try:
        return [unpack(data)]
    except (OSError, EOFError, zlib.error):
        return []


def _unwritten(text: bytes) -> bytes:
    """Return the bytes that base64 stands for, as many as there are whole."""
    signs = b"".join(text.split()).rstrip(b"=")
    whole = signs[: len(signs) - (len(signs) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _pages(data: bytes) -> list[bytes]:
    """Return what a PDF shows, what it says of itself, its attachments, and every stream unpacked."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        parts = [page.extract_text().encode() for page in reader.pages]
        parts.append(json.dumps(dict(reader.metadata or {}), default=str, ensure_ascii=False).encode())
        parts += [content for files in reader.attachments.values() for content in files]
    except (PyPdfError, ValueError, KeyError, TypeError):
        parts = []
    return parts + [part for found in re.finditer(rb"stream\r?\n", data) for part in _inflated(data[found.end() :])]


def _chunks(data: bytes) -> list[bytes]:
    """Return the compressed texts of a PNG; the plain ones are found as they lie there."""
    return [
        part
        for found in re.finditer(rb"zTXt[^\0]{1,79}\0\0|iTXt[^\0]{1,79}\0\x01\0[^\0]*\0[^\0]*\0", data)
        for part in _inflated(data[found.end() :])
    ]


def _inflated(data: bytes) -> list[bytes]:
    try:
        return [zlib.decompressobj().decompress(data)]
    except zlib.error:
        return []


def _members(data: bytes) -> list[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [name.encode() for name in archive.namelist()] + [archive.read(name) for name in archive.namelist()]
    except zipfile.BadZipFile:
        return []


def _columns(data: bytes) -> list[bytes]:
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        parts = [json.dumps(row, default=_plain, ensure_ascii=False).encode() for row in file.read().to_pylist()]
        parts += [_plain(v).encode() for row in file.read().to_pylist() for v in row.values() if isinstance(v, bytes)]
        return [b"\n".join(parts), str(file.metadata.to_dict()).encode()]
    except (OSError, ValueError):
        return []


def _plain(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def scan_bytes(data: bytes, canaries: Iterable[str]) -> dict[str, set[str]]:
    """Return for each canary found the disguises it was found in."""
    known = {canary: disguises(canary) for canary in canaries}
    found: dict[str, set[str]] = {}
    for layer in layers(data):
        lowered = layer.lower()
        for canary, forms in known.items():
            for name, form in forms:
                if form in lowered:
                    found.setdefault(canary, set()).add(name)
    return found


_scanned: dict[tuple[bytes, tuple[str, ...]], dict[str, set[str]]] = {}


def scan(folder: Path, canaries: Iterable[str]) -> dict[str, set[str]]:
    """Return for each canary found the files (below the folder) it was found in; names of files count, too."""
    wanted = tuple(canaries)
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            for canary, how in scan_bytes(name.encode() + b"\n", wanted).items():
                found.setdefault(canary, set()).update(f"{name} (name, {h})" for h in how)
            try:
                data = path.read_bytes()
            except OSError:
                continue
            # A cluster holds its catalogue once per database, and most of what a second scan meets was met by the first.
            known = hashlib.sha256(data).digest(), wanted
            if known not in _scanned:
                _scanned[known] = scan_bytes(data, wanted)
            for canary, how in _scanned[known].items():
                found.setdefault(canary, set()).update(f"{name} ({h})" for h in how)
    return found
