"""The scanner finds what is planted, wherever it hides; a scanner that finds nothing proves nothing."""

import base64
import gzip
import hashlib
import io
import sqlite3
import struct
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pytest
import typst

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


def pdf(text: str) -> bytes:
    """Return a document that shows a text; its letters are numbers of signs in a font, packed."""
    return typst.compile(b"#sys.inputs.said", format="pdf", sys_inputs={"said": text})


def attached(data: bytes) -> bytes:
    """Return a PDF that only carries something."""
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_attachment("a.txt", data)
    writer.write(out)
    return out.getvalue()


def jpeg(comment: bytes) -> bytes:
    """Return a picture's beginning with an Exif comment of its owner: tag 0x9c9c (XPComment), UTF-16, as cameras write it."""
    entry = struct.pack("<HHII", 0x9C9C, 1, len(comment), 26)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + comment
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + b"\xff\xd9"


def png(text: bytes) -> bytes:
    """Return a picture's beginning with a compressed text (zTXt)."""
    said = b"Author\0\0" + zlib.compress(text)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(said)) + b"zTXt" + said + struct.pack(">I", zlib.crc32(b"zTXt" + said))


def mailed(data: bytes) -> bytes:
    """Return an attachment as a mail carries it."""
    return b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)


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
    "pdf": pdf(CANARY),
    "pdf, attached": attached(CANARY.encode()),
    "zip with pdf": zipped(pdf(CANARY)),
    "exif": jpeg(CANARY.encode("utf-16-le")),
    "zip with exif": zipped(jpeg(CANARY.encode("utf-16-le"))),
    "png": png(CANARY.encode()),
    "mail with a zip": mailed(zipped(CANARY.encode())),
    "mail with a pdf": mailed(pdf(CANARY)),
    "mail with a parquet file": mailed(parquet(CANARY)),
}
PHONE = "+40744918273"
NUMBERS = {
    "as it is": PHONE.encode(),
    "hashed": hashlib.sha256(PHONE.encode()).hexdigest().encode(),
    "hashed without its plus": hashlib.sha256(PHONE[1:].encode()).hexdigest().encode(),
    "hashed with two zeros": hashlib.sha1(f"00{PHONE[1:]}".encode(), usedforsecurity=False).hexdigest().encode(),
}
PACKED = ("gzip", "zip", "parquet", "pdf", "png")  # known by how they begin


@pytest.mark.parametrize("how", HIDDEN)
def test_it_finds_a_planted_string(how):
    assert CANARY in scan_bytes(b"before" * (not how.startswith(PACKED)) + HIDDEN[how], [CANARY])


@pytest.mark.parametrize("how", NUMBERS)
def test_it_finds_a_telephone_number(how):
    assert PHONE in scan_bytes(b"before" + NUMBERS[how], [PHONE])


@pytest.mark.parametrize("packed", [gzip.compress, zipped, attached, jpeg, png, mailed])
def test_it_finds_nothing_where_nothing_is(packed):
    assert scan_bytes(packed(b"Canary-Andrei-4711@mail.example"), [CANARY]) == {}


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
