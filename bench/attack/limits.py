"""Threads, open files and file sizes run out. Nothing panics, nothing is blamed on others."""

import argparse
import os
import resource
import shutil

from command import digest, hearth

CONFIG = """{
  "data": { "synthetic_digits": { "train_examples": 500, "test_examples": 100 } },
  "model": { "hidden_mlp": { "hidden": [8] } },
  "optimizer": { "sgd": {} },
  "training": { "epochs": 3 }
}"""
SWEEP = '{ "base": "small.json", "grid": { "training.batch_size": [20, 50] } }'
RUN = "results/small/flex-seed0"
# What others are blamed for.
BLAMED = ("in use by", "was removed or replaced")

COMMANDS = [
    ["run", "small.json", "--out", "new", "--checkpoint-every", "1"],
    ["sweep", "run", "sweep.json", "--out", "new", "-j", "2"],
    ["list"],
    ["verify", RUN],
    ["evaluate", RUN],
    ["report", "results", "-o", "page.html"],
    ["data", "verify", "mnist"],
]


def attack(folder, options):
    # Where any user may run it.
    options = argparse.Namespace(hearth=shutil.copy(options.hearth, folder / "hearth"))
    (folder / "small.json").write_text(CONFIG)
    (folder / "sweep.json").write_text(SWEEP)
    done = hearth(options, "run", "small.json", cwd=folder)
    assert done.code == 0, done
    expected = digest(folder / RUN)
    # The limit on processes is for users that are no superuser.
    user = 65534 if os.getuid() == 0 else None
    if user is not None:
        os.chmod(folder, 0o777)
        for path in folder.rglob("*"):
            os.chown(path, user, user)
    limits = {
        "open files": (resource.RLIMIT_NOFILE, [3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32]),
        "processes and threads": (resource.RLIMIT_NPROC, [1, 2, 3, 4, 5, 6, 8, 12]),
        "bytes of a file": (resource.RLIMIT_FSIZE, [0, 100, 1000, 5000, 20_000]),
        "address space": (resource.RLIMIT_AS, [6_000_000 << 10]),
    }
    for what, (limit, values) in limits.items():
        problems, ended = [], 0
        for value in values:
            for command in COMMANDS:
                done = hearth(
                    options,
                    *command,
                    cwd=folder,
                    environment={"XDG_CACHE_HOME": str(folder), "TMPDIR": str(folder)},
                    limits=[(limit, value)],
                    user=user if what == "processes and threads" else None,
                )
                where = f"{value} {what}, hearth {' '.join(command)}"
                blamed = [said for said in BLAMED if said in done.err]
                # Below a few descriptors the system cannot even load the program.
                starts = "error while loading shared libraries" not in done.err
                if done.crash() and starts:
                    problems.append(f"{where}: {done.crash()}")
                elif blamed:
                    problems.append(f"{where}: {done.err.strip()[-300:]}")
                elif what == "address space" and done.code not in (0, 65):
                    problems.append(f"{where}: exit {done.code}: {done.err[-300:]}")
                ended += done.code != 0
            done = hearth(options, "run", "small.json", "--out", "new", cwd=folder)
            if done.code != 0 or digest(folder / "new/small/flex-seed0") != expected:
                problems.append(f"{value} {what}: the next run: {done}")
            shutil.rmtree(folder / "new")
        asked = len(values) * len(COMMANDS)
        yield f"{asked} commands short of {what}, {ended} ended with an error", problems
