"""What a body must be to get in: JSON of the right outline, within its limits. What its messages say is ingest's affair."""

import json
import re
import zlib
from typing import Final

import msgspec

__all__ = ["BATCH_BYTES", "MESSAGES", "MESSAGE_BYTES", "RUDDER_BYTES", "BadBody", "outline", "unpack"]

BATCH_BYTES: Final = 500 * 1024
MESSAGES: Final = 2500
MESSAGE_BYTES: Final = 32 * 1024
# A RudderStack client stops filling a batch only after the message that crosses 4 MiB, hence room for that one.
RUDDER_BYTES: Final = (4 << 20) + BATCH_BYTES

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_MEMBERS = 16  # may follow each other (RFC 1952, 2.2); each copies what is left
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class BadBody(Exception):
    """A body that will never be taken, with a code for programs and words for people."""

    def __init__(self, code: str, message: str) -> None:
        """Name what is wrong and how to mend it."""
        super().__init__(message)
        self.code = code
        self.message = message


class _Single(msgspec.Struct, gc=False):
    """Outline of one message; everything else is skipped, but must be JSON."""

    write_key: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="writeKey")


class _Batch(_Single, kw_only=True, gc=False):
    """Outline of a batch."""

    batch: list[msgspec.Raw]


_single = msgspec.json.Decoder(_Single)
_batch = msgspec.json.Decoder(_Batch)


def unpack(body: bytes, *, encoding: bytes, limit: int) -> bytes:
    """
    Return the plain body. Gzip is recognised by its first bytes, too, whatever the headers say.

    :param encoding: the ``Content-Encoding`` header, or empty
    :param limit: most bytes to unpack, so that a small bomb stays small
    :raises BadBody: if it can't be unpacked, or not within the limit
    """
    if encoding not in {b"", b"identity", b"gzip", b"x-gzip"}:
        raise BadBody("unsupported_encoding", "the Content-Encoding is not known here; send gzip or nothing")
    if not body.startswith(_GZIP):
        if encoding in {b"", b"identity"}:
            return body
        raise BadBody("invalid_gzip", "the body is not gzip, as its Content-Encoding says")
    plain = b""
    for _member in range(_MEMBERS):
        stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            plain += stream.decompress(body, limit + 1 - len(plain))
        except zlib.error as error:
            raise BadBody("invalid_gzip", "the gzip body is damaged") from error
        if len(plain) > limit:
            raise too_large(limit)
        if not stream.eof:
            raise BadBody("invalid_gzip", "the gzip body ends too early")
        body = stream.unused_data
        if not body:
            return plain
    raise BadBody("invalid_gzip", "the gzip body has too many parts")


def too_large(limit: int) -> BadBody:
    """Return the refusal of a body over its limit."""
    return BadBody("too_large", f"the body is larger than {limit} bytes; send smaller batches")


def outline(body: bytes, *, batch: bool) -> tuple[bytes, str, int]:
    """
    Check a plain body and return it, mended if need be, with the write key inside it (or empty) and its count of messages.

    :raises BadBody: if it is no JSON object, or no batch where one is due
    """
    try:
        if not body.isascii():
            body.decode()
        try:
            found = (_batch if batch else _single).decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            body = _mended(body)
            found = (_batch if batch else _single).decode(body)
    except msgspec.ValidationError as error:
        raise BadBody("invalid_batch" if batch else "invalid_message", _EXPECTED[batch]) from error
    except RecursionError as error:
        raise BadBody("invalid_json", "the body is nested too deeply") from error
    except ValueError as error:
        raise BadBody("invalid_json", "the body is not JSON in UTF-8") from error
    count = len(found.batch) if isinstance(found, _Batch) else 1
    if count > MESSAGES:
        raise BadBody("too_many_messages", f"the batch holds more than {MESSAGES} messages; send smaller batches")
    return body, _text(found.write_key), count


_EXPECTED = {True: 'the body must be an object with a list "batch"', False: "the body must be an object: one message"}


def _mended(body: bytes) -> bytes:
    """
    Write anew what clients write although JSON has no word for it, lest one value cost a whole batch.

    Python writes NaN and Infinity as bare words (JavaScript: null, as here); both escape half of a surrogate pair.
    """
    value = json.loads(body, parse_constant=lambda _word: None)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def _text(raw: msgspec.Raw) -> str:
    """Return the text in a JSON value; anything else is no key."""
    if not raw:
        return ""
    value = msgspec.json.decode(raw)
    return value if isinstance(value, str) else ""
