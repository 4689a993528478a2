"""Where a bundle's files are read from: a folder on disk, or a draft that is on no disk yet."""

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Finding, InvalidPolicy, Severity

__all__ = ["Disk", "Files", "Memory", "refuse"]

MAX_BYTES = 1_000_000
NO_FILE = "create the file, or correct the path"


def refuse(file: str, line: int, place: str, message: str, cure: str, *, code: Code = Code.UNREADABLE) -> InvalidPolicy:
    """Return the error for a file that cannot be read at all."""
    return InvalidPolicy([Finding(Severity.ERROR, file, line, place, message, cure, code=code)])


class Files(Protocol):
    """The files of a bundle and its neighbours, by paths as seen from the bundle: ``policy.yaml``, ``../brand/policy.yaml``."""

    def shown(self, path: str) -> str:
        """Return a path as findings show it."""

    def has(self, path: str) -> bool:
        """Say whether there is such a file."""

    def read(self, path: str) -> str:
        """
        Return what a small UTF-8 file says.

        :raises InvalidPolicy: if it is missing, too large, not UTF-8, or outside the folder of bundles
        """

    def texts(self) -> list[str]:
        """Return the paths of the bundle's own text files, sorted."""


class Memory:
    """A draft: path → content. ``name`` is the bundle's, shown before its paths; without one paths are shown as given."""

    def __init__(self, files: Mapping[str, str], name: str = "") -> None:
        """Keep the files under plain paths."""
        self.name = name
        self.files = {posixpath.normpath(path): content for path, content in files.items()}

    def shown(self, path: str) -> str:
        """Return a path as findings show it."""
        return posixpath.normpath(posixpath.join(self.name, path))

    def has(self, path: str) -> bool:
        """Say whether there is such a file."""
        return posixpath.normpath(path) in self.files

    def read(self, path: str) -> str:
        """Return what a file says."""
        shown = self.shown(path)
        if not self.has(path):
            raise refuse(shown, 1, posixpath.basename(path), "cannot be read (there is no such file)", NO_FILE)
        content = self.files[posixpath.normpath(path)]
        return decoded(content.encode(errors="surrogatepass"), shown)

    def texts(self) -> list[str]:
        """Return the paths of the draft's own texts."""
        return sorted(path for path in self.files if path.startswith("texts/") and path.count("/") == 2)


class Disk:
    """A bundle's folder; its neighbours lie beside it, and nothing outside their common folder is read."""

    def __init__(self, bundle: Path) -> None:
        """Find the folder."""
        self.bundle = bundle.resolve()

    def shown(self, path: str) -> str:
        """Return a path as findings show it: ``bloom/policy.yaml``."""
        return posixpath.normpath(posixpath.join(self.bundle.name, path))

    def has(self, path: str) -> bool:
        """Say whether there is such a file."""
        return (self.bundle / path).is_file()

    def read(self, path: str) -> str:
        """Return what a file says."""
        shown, name = self.shown(path), posixpath.basename(path)
        file = (self.bundle / path).resolve()
        if not file.is_relative_to(self.bundle.parent):
            raise refuse(shown, 1, name, "leads out of the folder of bundles", "copy the file here instead of linking it")
        try:
            with file.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise refuse(shown, 1, name, f"cannot be read ({error.strerror})", NO_FILE) from None
        return decoded(raw, shown)

    def texts(self) -> list[str]:
        """Return the paths of the bundle's own texts."""
        return sorted(path.relative_to(self.bundle).as_posix() for path in self.bundle.glob("texts/*/*"))


def decoded(raw: bytes, shown: str) -> str:
    """
    Return what a small UTF-8 file says.

    :raises InvalidPolicy: if it is too large or not UTF-8
    """
    name = posixpath.basename(shown)
    if len(raw) > MAX_BYTES:
        raise refuse(shown, 1, name, f"is larger than {MAX_BYTES} bytes", "a policy is text; move anything else out of it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refuse(shown, line, name, f"is not UTF-8 (byte {error.start})", "save the file as UTF-8") from None
