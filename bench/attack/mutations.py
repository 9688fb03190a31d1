"""Damages the files of a finished run, of a checkpoint and of a cache."""

import os
import random
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from command import CONFIGS, digest, hearth

REVIEWS = """{
  "data": { "synthetic_reviews": { "train_examples": 400, "test_examples": 200, "sequence_length": 60,
    "vocabulary_size": 150, "validate_on_test": true } },
  "model": { "embedding_classifier": { "embedding": 16, "embedding_dropout": 0.3, "hidden": 8,
    "hidden_dropout": 0.5 } },
  "optimizer": { "adam": { "learning_rate": 0.01 } },
  "training": { "epochs": 2, "batch_size": 64 }
}"""
SWEEP = """{ "base": "reviews.json", "seeds": [0, 1],
  "grid": { "optimizer.adam.learning_rate": [0.01, 0.02] } }"""
ONE, OTHER = (f"results/reviews+optimizer.adam.learning_rate={rate}" for rate in (0.01, 0.02))
RUN = f"{ONE}/flex-seed0"
FILES = ["result.json", "model.safetensors", "vocabulary.txt", "config.json", "metrics.jsonl"]

COMMANDS = [
    ["evaluate", RUN],
    ["predict", RUN, "--text", "a wonderful and moving story", "--json"],
    ["export", RUN, "--to", "made"],
    ["verify", RUN],
    ["diff", ONE, OTHER],
    ["list"],
    ["list", "--json"],
    ["sweep", "status", "sweep.json"],
    ["sweep", "collect", "sweep.json", "--json"],
    ["sweep", "best", "sweep.json"],
    ["report", "results", "-o", "made"],
    ["run", "reviews.json", "--name", ONE.split("/")[1], "--seeds", "0"],
]


def attack(folder, options):
    drawn = random.Random(options.seed)
    yield from finished_run(folder / "run", options, drawn)
    yield checkpoint(folder / "checkpoint", options, drawn)
    yield cache(folder / "cache", options, drawn)


def mutate(drawn, path, others):
    """Damages a file in one of the ways and names it. `others` are files of its kind."""
    content = path.read_bytes()
    at = drawn.randrange(max(len(content), 1))
    way = drawn.choice(["flip", "byte", "cut", "grow", "zeros", "repeat", "swap", "delete", "link", "hard"])
    other = drawn.choice(others)
    if not content and way in ("flip", "byte"):
        way = "grow"
    changed = bytearray(content)
    if way in ("swap", "delete", "link", "hard"):
        path.unlink()
        if way == "swap":
            shutil.copyfile(other, path)
        elif way == "link":
            path.symlink_to(other)
        elif way == "hard":
            os.link(other, path)
        return f"{way} {other if way != 'delete' else ''}"
    if way == "flip":
        changed[at] ^= 1 << drawn.randrange(8)
    elif way == "byte":
        changed[at] = drawn.choice(b"0123456789.e-+\n\"{}[], \x00\xff")
    elif way == "cut":
        del changed[at:]
    elif way == "grow":
        changed[at:at] = drawn.randbytes(drawn.randrange(1, 40))
    elif way == "zeros":
        end = min(len(changed), at + drawn.randrange(1, 4096))
        changed[at:end] = bytes(end - at)
    elif way == "repeat":
        end = at + drawn.randrange(1, 200)
        changed[at:at] = content[at:end]
    path.write_bytes(changed)
    return f"{way} at {at}"


def finished_run(folder, options, drawn):
    whole = folder / "whole"
    whole.mkdir(parents=True)
    (whole / "reviews.json").write_text(REVIEWS)
    (whole / "sweep.json").write_text(SWEEP)
    made = hearth(options, "sweep", "run", "sweep.json", cwd=whole)
    assert made.code == 0, made

    def all_answers(place):
        for command in COMMANDS:
            made = place / "made"
            made.unlink(missing_ok=True)
            done = hearth(options, *command, cwd=place)
            written = made.read_bytes() if made.exists() else b""
            # A run that is done again takes another time.
            out = done.out if command[0] != "run" or done.code else digest(place / RUN).encode()
            yield command, done, (out, written)

    def copied(name):
        place = folder / name
        shutil.copytree(whole, place)
        return place

    expected = {tuple(command): said for command, _, said in all_answers(copied("first"))}
    # An answer that differs from itself could not show anything.
    again = {tuple(command): said for command, _, said in all_answers(copied("again"))}
    steady = [command for command in expected if expected[command] == again[command]]
    assert len(steady) == len(COMMANDS), set(expected) - set(steady)

    def one(task):
        name, number, seed = task
        drawn = random.Random(seed)
        place = folder / f"{name}{number}"
        # Whatever hearth remembers of the run, it remembers it whole.
        hearth(options, "list", cwd=place)
        others = [place / f"{ONE}/flex-seed1" / name, place / f"{OTHER}/flex-seed0" / name]
        what = mutate(drawn, place / RUN / name, others)
        problems, refused = [], 0
        for command, done, said in all_answers(place):
            where = f"{name}, {what}, hearth {' '.join(command)}"
            if done.crash():
                problems.append(f"{where}: {done.crash()}")
            elif done.code == 0 and said != expected[tuple(command)]:
                problems.append(f"{where}: another answer, exit 0: {done.out[-200:]}")
            refused += done.code != 0
        shutil.rmtree(place)
        return problems, refused

    for name in FILES:
        tasks = [(name, number, drawn.random()) for number in range(options.mutations)]
        for name, number, _ in tasks:
            copied(f"{name}{number}")
        # Hashes of files that were just written are not kept.
        time.sleep(2.1)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(one, tasks))
        problems = [problem for found, _ in results for problem in found]
        refused = sum(count for _, count in results)
        asked = len(tasks) * len(COMMANDS)
        yield f"{name}: {len(tasks)} mutations, {asked} commands, {refused} refused", problems


def checkpoint(folder, options, drawn):
    folder.mkdir()
    config = REVIEWS.replace('"epochs": 2', '"epochs": 40')
    (folder / "long.json").write_text(config)
    run = folder / "whole/long/flex-seed0"
    command = ["run", "long.json", "--checkpoint-every", "1", "--out"]
    done = hearth(options, *command, "undisturbed", cwd=folder)
    assert done.code == 0, done
    expected = digest(folder / "undisturbed/long/flex-seed0")
    while not list(run.glob("checkpoint/*.json")):
        process = subprocess.Popen(
            [options.hearth, *command, "whole"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(drawn.uniform(0.3, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (run / "result.json").exists():
            shutil.rmtree(folder / "whole")
    names = sorted(path.relative_to(run) for path in run.rglob("*") if path.is_file())
    problems, right, refused = [], 0, 0
    for number in range(options.mutations):
        place = folder / f"results{number}"
        shutil.copytree(folder / "whole", place)
        name = drawn.choice(names)
        mutated = place / "long/flex-seed0" / name
        what = mutate(drawn, mutated, [folder / "long.json", run / drawn.choice(names)])
        done = hearth(options, *command, place.name, cwd=folder)
        where = f"{name}, {what}"
        if done.crash():
            problems.append(f"{where}: {done.crash()}")
        elif done.code != 0:
            refused += 1
        elif digest(place / "long/flex-seed0") != expected:
            problems.append(f"{where}: another digest")
        else:
            right += 1
        if (folder / "long.json").read_text() != config:
            problems.append(f"{where}: a file elsewhere was changed")
        shutil.rmtree(place)
    said = f"a checkpoint: {options.mutations} mutations, {right} right, {refused} refused"
    return said, problems


def cache(folder, options, drawn):
    """The encoded reviews and the files of MNIST. A run on the real data takes seconds, so there are fewer."""
    folder.mkdir()
    home = folder / "home/hearth"
    shutil.copytree(options.data_dir / "mnist", home / "mnist")
    problems, right, refused = [], 0, 0
    count = max(options.mutations // 10, 2)
    # The archive of reviews may be packed otherwise than the published one, so it stays out of the cache.
    for kind, config, data in (
        ("imdb", "imdb-embedding.json", options.data_dir),
        ("mnist", "mnist-l2.json", ""),
    ):
        quick = ["--set", "training.epochs=1", "--set", "expect=null", "--name", "one"]

        def run(name, *more):
            environment = {"XDG_CACHE_HOME": str(folder / "home"), "HEARTH_DATA_DIR": str(data)}
            for address in ("HEARTH_MNIST_URL", "HEARTH_IMDB_URL"):
                environment[address] = "http://127.0.0.1:9"
            done = hearth(
                options,
                "run",
                CONFIGS / config,
                *quick,
                *more,
                "--out",
                name,
                cwd=folder,
                environment=environment,
            )
            return done, folder / name / "one/flex-seed0"

        done, place = run("undisturbed")
        assert done.code == 0, done
        expected = digest(place)
        shutil.rmtree(folder / "undisturbed")
        files = sorted(path for path in (home / kind).rglob("*") if path.is_file())
        if kind == "imdb":
            # Another encoding, to be exchanged with the first.
            run("other", "--set", "data.imdb.vocabulary_size=5000")
        others = sorted(path for path in (home / kind).rglob("*") if path.is_file())
        for _ in range(count):
            path = drawn.choice(files)
            kept = folder / "kept"
            shutil.copyfile(path, kept)
            what = mutate(drawn, path, [other for other in others if other != path])
            done, place = run("results")
            where = f"{path.relative_to(home)}, {what}"
            if done.crash():
                problems.append(f"{where}: {done.crash()}")
            elif done.code != 0:
                refused += 1
            elif digest(place) != expected:
                problems.append(f"{where}: another digest")
            else:
                right += 1
            shutil.rmtree(folder / "results", ignore_errors=True)
            path.unlink(missing_ok=True)
            shutil.copyfile(kept, path)
    said = f"the cache of IMDB and MNIST: {2 * count} mutations, {right} right, {refused} refused"
    return said, problems
