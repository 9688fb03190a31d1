"""Runs hearth and says what it did."""

import json
import os
import resource
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

CONFIGS = Path(__file__).resolve().parents[2] / "configs"

# A command that takes longer hangs.
PATIENCE = 300


@dataclass
class Done:
    code: int
    out: bytes
    err: str
    # The largest resident size.
    megabytes: float

    def crash(self):
        """How the program broke down; None if it ended in order."""
        if self.code < 0:
            return f"signal {signal.Signals(-self.code).name}"
        if self.code in (101, 134, 139) or "panicked" in self.err:
            return f"exit {self.code}: {self.err[-300:]}"
        return None


def hearth(options, *arguments, cwd, fed=None, environment=None, limits=(), user=None):
    """Runs a command to its end. `limits` are pairs of a resource and its most."""

    def prepare():
        for what, most in limits:
            resource.setrlimit(what, (most, most))
        if user is not None:
            os.setgid(user)
            os.setuid(user)

    process = subprocess.Popen(
        [options.hearth, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE if fed is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=prepare if limits or user is not None else None,
    )
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    said = {}

    def read(name, pipe):
        said[name] = pipe.read()

    readers = [
        threading.Thread(target=read, args=(name, pipe))
        for name, pipe in (("out", process.stdout), ("err", process.stderr))
    ]
    for reader in readers:
        reader.start()
    if fed is not None:
        try:
            for part in fed:
                process.stdin.write(part)
            process.stdin.close()
        except BrokenPipeError:
            pass
    for reader in readers:
        reader.join()
    # The usage of this child alone.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    timer.cancel()
    process.stdout.close()
    process.stderr.close()
    return Done(
        process.returncode,
        said["out"],
        said["err"].decode(errors="replace"),
        usage.ru_maxrss / 1024,
    )


def digest(run):
    """The digest of the run in a folder."""
    return json.loads((run / "result.json").read_text())["digest"]
