"""Write keys, read anew every second, so that a revoked one is refused at once and a locked database stops nobody."""

import hashlib
import logging
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping

from assent.tenancy.contracts import WriteKey

__all__ = ["Keys"]

log = logging.getLogger(__name__)


class Keys:
    """The keys in force, as far as last known."""

    def __init__(self, load: Callable[[], Mapping[str, WriteKey]], *, every: float = 1.0) -> None:
        """Read keys with ``load``, every so many seconds once started."""
        self._load = load
        self._every = every
        self._known: Mapping[str, WriteKey] | None = None
        self._by_header: dict[bytes, WriteKey] = {}
        self._stale = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="write-keys", daemon=True)

    def start(self) -> None:
        """Read the keys and go on reading them in the background."""
        self.reload()
        self._thread.start()

    def stop(self) -> None:
        """End the background thread."""
        self._stopped.set()
        self._thread.join()

    def reload(self) -> None:
        """Read the keys now; if that fails, the last known stay in force."""
        try:
            known = self._load()
        except Exception as error:  # noqa: BLE001 - whatever the database says, keys already known stay in force
            if not self._stale:  # once, not every second
                log.warning("write keys can't be read: %s", type(error).__name__, extra={"safe": True})
            self._stale = True
            return
        self._stale = False
        if known != self._known:
            self._known = known
            self._by_header = {}

    @property
    def known(self) -> bool:
        """Whether the keys could be read at least once; until then nobody can be told that a key is wrong."""
        return self._known is not None

    @property
    def rudder(self) -> bool:
        """Whether any property sends with a RudderStack library."""
        return any(key.property.rudder for key in (self._known or {}).values())

    def find(self, clear: str) -> WriteKey | None:
        """Return the key in force with this clear text."""
        return (self._known or {}).get(hashlib.sha256(clear.encode("utf-8", "replace")).hexdigest())

    def by_header(self, authorization: bytes) -> tuple[bool, WriteKey | None]:
        """Return whether an ``Authorization`` header names a key (``Basic``, as the user), and which."""
        cache = self._by_header
        if found := cache.get(authorization):
            return True, found
        scheme, _, credentials = authorization.partition(b" ")
        if scheme.lower() != b"basic":
            return False, None
        try:
            clear = b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
        except ValueError:
            return False, None
        found = self.find(clear)
        if found:  # only right keys are remembered, so the cache can't outgrow their number by much
            cache[authorization] = found
        return bool(clear), found

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            self.reload()
