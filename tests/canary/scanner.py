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
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

DEEPEST = 4  # archives in archives


def disguises(canary: str) -> Iterator[tuple[str, bytes]]:
    """Return the ways a string may be written, each with its name, in lower case."""
    forms = {canary, canary.casefold(), canary.upper()}
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
    elif data[:1] == b"\x78":
        inner += _maybe(zlib.decompress, data)
    for part in inner:
        yield from layers(part, depth + 1)


def _maybe(unpack, data: bytes) -> list[bytes]:
    try:
        return [unpack(data)]
    except (OSError, EOFError, zlib.error):
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
    known = {canary: list(disguises(canary)) for canary in canaries}
    found: dict[str, set[str]] = {}
    for layer in layers(data):
        lowered = layer.lower()
        for canary, forms in known.items():
            for name, form in forms:
                if form in lowered:
                    found.setdefault(canary, set()).add(name)
    return found


def scan(folder: Path, canaries: Iterable[str]) -> dict[str, set[str]]:
    """Return for each canary found the files (below the folder) it was found in; names of files count, too."""
    wanted = list(canaries)
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
            for canary, how in scan_bytes(data, wanted).items():
                found.setdefault(canary, set()).update(f"{name} ({h})" for h in how)
    return found
