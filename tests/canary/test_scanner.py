"""The scanner finds what is planted, wherever it hides; a scanner that finds nothing proves nothing."""

import base64
import gzip
import hashlib
import io
import sqlite3
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.canary.scanner import scan, scan_bytes

CANARY = "Canary-Ștefan-4711@mail.example"


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.json", data)
    return out.getvalue()


def parquet(value: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array([value] * 50)}), out, compression="zstd")
    return out.getvalue()


HIDDEN = {
    "plain": CANARY.encode(),
    "upper case": CANARY.upper().encode(),
    "utf-16": CANARY.encode("utf-16"),
    "json escapes": b'{"x":"Canary-\\u0218tefan-4711@mail.example"}',
    "base64, first alignment": base64.b64encode(CANARY.encode() + b"tail"),
    "base64, second alignment": base64.b64encode(b"a" + CANARY.encode() + b"tail"),
    "base64, third alignment": base64.urlsafe_b64encode(b"ab" + CANARY.encode() + b"tail"),
    "sha-256": hashlib.sha256(CANARY.casefold().encode()).hexdigest().encode(),
    "raw md5": hashlib.md5(CANARY.encode(), usedforsecurity=False).digest(),
    "gzip": gzip.compress(CANARY.encode()),
    "zip": zipped(CANARY.encode()),
    "parquet": parquet(CANARY),
    "parquet, binary": parquet(CANARY.encode()),
    "parquet in zip in gzip": gzip.compress(zipped(parquet(CANARY))),
    "hex": CANARY.encode().hex().encode(),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_it_finds_a_planted_string(how):
    assert CANARY in scan_bytes(b"before" * (not how.startswith(("gzip", "zip", "parquet"))) + HIDDEN[how], [CANARY])


def test_it_finds_nothing_where_nothing_is():
    assert scan_bytes(gzip.compress(b"Canary-Andrei-4711@mail.example"), [CANARY]) == {}


def test_it_finds_what_sqlite_deleted_without_overwriting(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite3") as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t(x)")
        connection.execute("INSERT INTO t VALUES (?)", (CANARY,))
        connection.commit()
        connection.execute("DELETE FROM t")
        connection.commit()
    connection.close()
    assert scan(tmp_path, [CANARY])


def test_it_finds_a_name_in_a_files_name(tmp_path):
    (tmp_path / "canary-ștefan-4711@mail.example.txt").write_text("")
    assert scan(tmp_path, [CANARY])
