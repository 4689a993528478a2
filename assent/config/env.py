"""Typed readers of the environment. A wrong value stops the start with the words to fix it."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pyrage import RecipientError, x25519

__all__ = ["choice", "database", "flag", "folder", "number", "recipients", "secret", "text", "words"]


def text(name: str, default: str) -> str:
    """Read a setting that is a text."""
    return os.environ.get(name, default)


def words(name: str, default: str) -> list[str]:
    """Read a comma-separated list, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def choice(name: str, options: set[str], default: str) -> str:
    """
    Read a setting that may only be one of a few words.

    :raises ImproperlyConfigured: for any other word
    """
    value = os.environ.get(name, default)
    if value not in options:
        message = f"{name}={value!r}: use one of {', '.join(sorted(options))}"
        raise ImproperlyConfigured(message)
    return value


def flag(name: str, *, default: bool) -> bool:
    """Read a yes or no: 1/0, true/false, yes/no."""
    value = os.environ.get(name, "1" if default else "0").lower()
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value not in known:
        message = f"{name}={value!r}: use 1 or 0"
        raise ImproperlyConfigured(message)
    return known[value]


def number(name: str, default: int, *, least: int, most: int) -> int:
    """
    Read a whole number within bounds.

    :raises ImproperlyConfigured: if it is none, or outside
    """
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        message = f"{name}={value!r}: use a whole number from {least} to {most}"
        raise ImproperlyConfigured(message)
    return int(value)


def folder(name: str, default: Path) -> Path:
    """Read a folder's path, made absolute."""
    return Path(os.environ.get(name, str(default))).expanduser().absolute()


def recipients(name: str) -> list[str]:
    """
    Read public keys that copies are encrypted to, comma-separated: ``age1…``.

    :raises ImproperlyConfigured: for a text that is none; above all for a private key
    """
    found = words(name, "")
    for key in found:
        if key.upper().startswith("AGE-SECRET-KEY"):
            message = f"{name} holds a private key: put the public key here (age1…) and keep the private one elsewhere"
            raise ImproperlyConfigured(message)
        try:
            x25519.Recipient.from_str(key)
        except RecipientError:
            message = f"{name}={key!r} is not a public key of age: use age1…, as `assent backup key` prints it"
            raise ImproperlyConfigured(message) from None
    return found


def secret(name: str, file: Path, make: Callable[[], str]) -> str:
    """Read a secret from the environment, else from a file of mode 0600 that is made on first use."""
    if value := os.environ.get(name):
        return value
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(make())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()


def database(name: str) -> dict[str, str] | None:
    """
    Read ``postgresql://user:password@host:port/name``; None for the embedded SQLite.

    :raises ImproperlyConfigured: for any other kind of address
    """
    value = os.environ.get(name, "sqlite")
    if value == "sqlite":
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        message = f"{name}: use 'sqlite' or postgresql://user:password@host:port/name"
        raise ImproperlyConfigured(message)
    return {
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
