"""SIGKILL at random moments. The results are right, no process is left and no file remains."""

import http.server
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from command import CONFIGS, digest, hearth

RUN_FILES = {"config.json", "metrics.jsonl", "model.safetensors", "result.json", "vocabulary.txt"}


def attack(folder, options):
    drawn = random.Random(options.seed)
    # A third of the kills for each.
    share = max(options.kills // 3, 1)
    local = {"HEARTH_DATA_DIR": str(options.data_dir)}
    with server(options.data_dir) as address:
        download = {"HEARTH_DATA_DIR": "", "HEARTH_MNIST_URL": address}
        for name, command, environment, kills in (
            ("MNIST", ["run", "mnist-l2.json"], local, options.kills - 2 * share),
            ("IMDB with an empty cache", ["run", "imdb-embedding.json"], local, share),
            ("a sweep that downloads", ["sweep", "run", "sweep.json", "-j", "2"], download, share),
        ):
            place = folder / name.split()[0]
            place.mkdir()
            yield killed(name, command, environment, kills, place, options, drawn)


def killed(name, command, environment, kills, place, options, drawn):
    base = os.path.relpath(CONFIGS / "mnist-l2.json", place)
    (place / "sweep.json").write_text(
        f'{{ "base": "{base}", "set": {{ "training.epochs": 2 }},'
        ' "grid": { "training.batch_size": [100, 200] } }'
    )
    if command[0] == "run":
        command = ["run", CONFIGS / command[1], "--set", "training.epochs=3"]
        command += ["--set", "expect=null", "--name", "one", "--checkpoint-every", "1"]
    cache, results = place / "cache", place / "results"
    environment = {**environment, "XDG_CACHE_HOME": str(cache)}
    started = time.monotonic()
    done = hearth(options, *command, cwd=place, environment=environment)
    took = time.monotonic() - started
    assert done.code == 0, done
    expected = digests(results)
    problems, struck, finished = [], 0, 0
    while struck < kills:
        shutil.rmtree(results)
        shutil.rmtree(cache, ignore_errors=True)
        while True:
            process = subprocess.Popen(
                [options.hearth, *map(str, command)],
                cwd=place,
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                process.wait(drawn.uniform(0, took) if struck < kills else None)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                struck += 1
            orphans = left(process.pid)
            if orphans:
                problems.append(f"still running after 3 s: {orphans}")
        finished += 1
        if process.returncode != 0:
            problems.append(f"ended with {process.returncode}")
        elif digests(results) != expected:
            problems.append("another digest")
        problems += remains(results)
    # What was left long ago is certainly nobody's.
    leftovers = list(cache.rglob(".tmp*"))
    for path in leftovers:
        os.utime(path, (time.time() - 120,) * 2)
    shutil.rmtree(results)
    hearth(options, *command, cwd=place, environment=environment)
    for pattern in (".tmp*", ".partial*"):
        problems += [f"remains: {path}" for path in cache.rglob(pattern)]
    return f"{name}: {struck} kills, {finished} finished with the right digest", problems


def digests(results):
    """Of each run the digest and the number of lines in its log."""

    def of(run):
        return digest(run), (run / "metrics.jsonl").read_text().count("\n")

    runs = (path.parent for path in results.rglob("result.json"))
    return {str(run.relative_to(results)): of(run) for run in runs}


def left(session):
    """The processes of a session that live on after three seconds."""
    found = []
    for _ in range(30):
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(stat.parent.name)
        if not found:
            break
        time.sleep(0.1)
    return found


def remains(results):
    """What is in a run's folder and should not be."""
    for path in results.rglob("*"):
        if path.is_file() and path.name not in RUN_FILES:
            yield f"remains: {path}"


class server:
    """Serves the files of MNIST, a few megabytes a second."""

    def __init__(self, folder):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = folder / "mnist" / Path(self.path).name
                content = path.read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                for at in range(0, len(content), 1 << 18):
                    try:
                        self.wfile.write(content[at : at + (1 << 18)])
                    except (BrokenPipeError, ConnectionResetError):
                        return
                    time.sleep(0.05)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_):
        self.server.shutdown()
