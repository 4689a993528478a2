"""
A clerk of a house: an interpreter that has loaded the house once, and answers each question in a fork of itself.

A fork knows as little of the last question as a new process does, and begins in a hundredth of the time.
"""

import atexit
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
AT_ONCE = 2  # a test asks one house, seldom two
WITHIN = 240.0

_clerks: "OrderedDict[tuple[tuple[str, str], ...], Clerk]" = OrderedDict()


class Clerk:
    """One interpreter of one house, with the environment it was started with."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="assent-clerk-")
        command = [sys.executable, "-m", "tests.clerk"]
        self.process = subprocess.Popen(
            command, cwd=HOME, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )

    def ask(self, code: str) -> tuple[int, str, str]:
        """Run code and return how it ended, as a process does, with what it printed and what it complained."""
        out, err = (Path(self.folder.name) / name for name in ("out", "err"))
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps([code, str(out), str(err)]).encode() + b"\n")
            self.process.stdin.flush()
        answered, _, _ = select.select([self.process.stdout], [], [], WITHIN)
        line = self.process.stdout.readline() if answered else b""
        if not line:
            self.end()
            return -1, "", f"the clerk ended, or did not answer within {WITHIN:g} s"
        return int(line), out.read_text(), err.read_text()

    def end(self) -> None:
        """End the interpreter and whatever it is still doing."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with self.process, suppress(BrokenPipeError):  # closes the pipes and waits
            pass
        self.folder.cleanup()


def ask(code: str, env: Mapping[str, str]) -> tuple[int, str, str]:
    """Let the clerk of the house with this environment run code; one is started if there is none."""
    key = tuple(sorted(env.items()))
    if key not in _clerks or _clerks[key].process.poll() is not None:
        _clerks[key] = Clerk(env)
    _clerks.move_to_end(key)
    while len(_clerks) > AT_ONCE:
        _clerks.popitem(last=False)[1].end()
    return _clerks[key].ask(code)


def dismiss() -> None:
    """End all clerks: what they read when they started is no longer so, or nobody asks any more."""
    while _clerks:
        _clerks.popitem()[1].end()


atexit.register(dismiss)


def main() -> None:
    """Answer questions from standard input until it ends."""
    import django

    django.setup()
    gc.collect()
    gc.freeze()
    for line in sys.stdin.buffer:
        code, out, err = json.loads(line)
        child = os.fork()
        if child == 0:
            _answer(code, out, err)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _answer(code: str, out: str, err: str) -> None:
    for number, path, how in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, how, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    ended = 0
    try:
        exec(compile(code, "<asked>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the tests' own code
    except SystemExit as error:
        ended = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody caught
        traceback.print_exc()
        ended = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)


if __name__ == "__main__":
    main()
