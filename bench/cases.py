"""Runs inputs of real use that once went wrong, and says for each whether it goes right.

    python bench/cases.py CASES --hearth target/release/hearth --data-dir DIR

CASES holds a folder per case. Each is copied before it is used. DIR holds MNIST and IMDB: two small
models are trained on them first, or taken from --models, where they are kept. Prints a line per case;
exits with 1 if one goes wrong. The cases that need a superuser are skipped for others.
"""

import argparse
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


class Wrong(Exception):
    pass


def want(condition, said):
    if not condition:
        raise Wrong(str(said)[-500:])


class Done:
    """What a command did."""

    def __init__(self, code, out, err):
        self.code = code
        self.out, self.err = (said.decode(errors="replace") for said in (out, err))

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"

    def says(self, *parts):
        for part in parts:
            want(part in self.out + self.err, f"no {part!r} in: {self}")
        return self


class Here:
    """A copy of a case's folder, the program and the models."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.images, self.reviews = options.images, options.reviews

    def start(self, *arguments, environment=None):
        environment = {**os.environ, "HEARTH_DATA_DIR": "", **(environment or {})}
        return subprocess.Popen(
            [self.options.hearth, *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments, fed=b"", environment=None):
        process = self.start(*arguments, environment=environment)
        out, err = process.communicate(fed)
        return Done(process.returncode, out, err)

    def right(self, *arguments, **more):
        done = self.run(*arguments, **more)
        want(done.code == 0, f"{' '.join(map(str, arguments))}: {done}")
        return done

    def refused(self, code, *arguments, **more):
        done = self.run(*arguments, **more)
        want(done.code == code, f"{' '.join(map(str, arguments))}: wanted exit {code}: {done}")
        want("panicked" not in done.err and "os error" not in done.err, done)
        return done

    def predictions(self, *arguments, **more):
        lines = self.run("predict", *arguments, "--json", **more).out.splitlines()
        return [json.loads(line) for line in lines]


@case
def config_bom(here):
    here.right("check", "bom.json")
    here.right("sweep", "plan", "sweep.json")
    here.right("run", "base.json")
    result = here.folder / "results/base/flex-seed0/result.json"
    result.write_bytes(b"\xef\xbb\xbf" + result.read_bytes())
    here.right("list").says("completed")


@case
def config_lenient_json(here):
    here.refused(2, "check", "array-for-object.json").says("a list, must be an object")
    here.refused(2, "run", "expect-twice.json").says("`test.accuracy` occurs twice")
    here.refused(2, "sweep", "plan", "grid-key-twice.json").says("occurs twice")
    here.refused(2, "check", "expect-percent.json").says("97")


@case
def data_dir_one_level_too_deep(here):
    here.right("run", "exp.json", "--data-dir", "data/mnist")


@case
def data_set_identity(here):
    here.right("run", "exp.json", "--data-dir", "one", "--out", "R")
    here.refused(65, "run", "exp.json", "--data-dir", "other", "--out", "R").says("differ")
    here.right("sweep", "run", "sweep.json", "--data-dir", "one", "--out", "S")
    here.run("sweep", "run", "sweep2/sweep.json", "--data-dir", "other", "--out", "S")
    collected = here.run(
        "sweep", "collect", "sweep2/sweep.json", "--data-dir", "other", "--out", "S", "--json"
    )
    want(json.loads(collected.out)["runs"] < 2, collected)


@case
def diverged_run_messages(here):
    here.refused(1, "run", "exp.json", "--out", "R")
    run = "R/exp/flex-seed0"
    said = "there is no trained model"
    here.refused(65, "evaluate", run).says("the run diverged in epoch 1, step ", said)
    here.refused(65, "predict", run, "--image", "x.png").says(said)
    here.refused(65, "export", run, "--to", "w.safetensors").says(said)
    want(not (here.folder / "w.safetensors").exists(), "weights were written")


@case
def idx_dotted_names(here):
    here.right("run", "exp.json", "--data-dir", "data")


@case
def list_json_non_utf8_folder(here):
    out = b"r\xff"
    here.right("run", "exp.json", "--out", out)
    listed = here.right("list", "--json", "--out", out)
    want("\ufffd" in json.loads(listed.out)["folder"], listed)
    run = out + b"/exp/flex-seed0"
    shutil.copytree(os.fsencode(here.folder) + b"/" + run, os.fsencode(here.folder) + b"/again")
    here.right("diff", "--json", run, "again")
    here.right("verify", "--json", run)


@case
def mirror_content_encoding(here):
    script = here.folder / "serve.py"
    text = script.read_text()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script.write_text(text.replace("8799", str(port)))
    published = Path(here.options.data_dir).resolve() / "mnist"
    server = subprocess.Popen([sys.executable, script, published], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
                threading.Event().wait(0.1)
        environment = {
            "HEARTH_MNIST_URL": f"http://127.0.0.1:{port}",
            "XDG_CACHE_HOME": str(here.folder / "empty"),
        }
        here.right("data", "fetch", "mnist", environment=environment).says("complete")
    finally:
        server.kill()


@case
def one_bad_input_of_many(here):
    pictures = ["good.png", "bad.png", "good.png"]
    done = here.refused(65, "predict", here.images, "--json", "--image", *pictures)
    answers = [json.loads(line) for line in done.out.splitlines()]
    want(["error" in answer for answer in answers] == [False, True, False], done)
    reviews = (here.folder / "reviews.txt").read_bytes()
    done = here.refused(65, "predict", here.reviews, "--json", fed=reviews)
    want(len(done.out.splitlines()) == len(reviews.splitlines()), done)
    base = (here.folder.parent / "sweep-object-values" / "base.json").read_text()
    for name in "ABC":
        (here.folder / f"{name}.json").write_text(base)
    (here.folder / "bad.json").write_text("{")
    here.refused(2, "check", "bad.json", "A.json").says("bad.json:1:", "A: ")
    damaged = here.folder / "results/A/flex-seed0"
    damaged.mkdir(parents=True)
    (damaged / "result.json").write_text("{")
    done = here.refused(65, "run", "A.json", "B.json", "C.json")
    lines = [line for line in done.err.splitlines() if "results/A/" in line]
    want(len(lines) == 1 and len(done.out.splitlines()) == 3, done)


@case
def one_config_many_names(here):
    def with_rate(value):
        here.right("run", "exp.json", "--set", f"optimizer.sgd.learning_rate={value}", "--out", "R")

    for value in ["0.05", "5e-2", "0.050"]:
        with_rate(value)
    rate, epochs = "optimizer.sgd.learning_rate=0.05", "training.epochs=1"
    here.right("run", "exp.json", "--set", rate, "--set", epochs, "--out", "R")
    here.right("run", "exp.json", "--set", epochs, "--set", rate, "--out", "R")
    folders = sorted(folder.name for folder in (here.folder / "R").iterdir())
    want(len(folders) == 2, folders)


@case
def output_onto_special_file(here):
    here.right("run", "exp.json", "--out", "R")
    at = here.folder.joinpath
    report = ("report", "R", "-o")
    page = here.right(*report, "-").out
    want(page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>"), page[-80:])
    at("real").write_text("old")
    at("real").chmod(0o600)
    at("link").symlink_to("real")
    here.right(*report, "link")
    want(at("link").is_symlink() and at("real").read_text() == page, "the link's target")
    want(stat.S_IMODE(at("real").stat().st_mode) == 0o600, "the mode is kept")
    os.mkfifo(at("pipe"))
    read = []
    reader = threading.Thread(target=lambda: read.append(at("pipe").read_bytes()))
    reader.start()
    here.right(*report, "pipe")
    reader.join()
    want(read[0].decode() == page and stat.S_ISFIFO(at("pipe").stat().st_mode), "the pipe")
    before = os.umask(0o077)
    here.right(*report, "new")
    os.umask(before)
    want(stat.S_IMODE(at("new").stat().st_mode) == 0o600, "the umask")
    at("README").write_text("\ufeff<!-- table: begin -->\n<!-- table: end -->\n")
    at("README").chmod(0o664)
    at("link-to-README.md").symlink_to("README")
    here.right("report", "R", "--readme", "link-to-README.md")
    want("exp" in at("README").read_text(), "the table")
    want(stat.S_IMODE(at("README").stat().st_mode) == 0o664, "the README's mode")
    here.refused(74, *report, "typo/report.html").says("no such folder")
    want(not at("typo").exists(), "a folder was created")
    if os.geteuid() == 0:
        os.mknod(at("null"), 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        here.right(*report, "null")
        here.right("export", "R/exp/flex-seed0", "--to", "null")
        want(stat.S_ISCHR(at("null").stat().st_mode), "the device was replaced")


def classes(here, *pictures):
    return [answer.get("class") for answer in here.predictions(here.images, "--image", *pictures)]


def is_seven(here):
    pictures = sorted(path.name for path in here.folder.glob("*.[pj][np]g"))
    found = classes(here, *pictures)
    want(set(found) == {"7"}, dict(zip(pictures, found)))


@case
def picture_blank(here):
    pictures = ["16bit-with-8bit-values.png", "black.png", "white.png"]
    here.refused(65, "predict", here.images, "--image", *pictures).says("nothing is drawn")


@case
def picture_exif_orientation(here):
    is_seven(here)


@case
def picture_framing_and_paper(here):
    is_seven(here)


@case
def picture_light_on_transparent(here):
    is_seven(here)


@case
def picture_thin_frame(here):
    is_seven(here)


@case
def predict_stdin_bom(here):
    answers = [
        here.predictions(here.reviews, fed=(here.folder / name).read_bytes())[0]["probabilities"]
        for name in ["input.txt", "same-without.txt"]
    ]
    want(answers[0] == answers[1], answers)


@case
def predict_stdin_empty_lines(here):
    fed = (here.folder / "input.txt").read_bytes()
    answers = here.predictions(here.reviews, fed=fed)
    want(len(answers) == len(fed.splitlines()), answers)


@case
def predict_text_begins_with_dash(here):
    for line in (here.folder / "reviews.txt").read_text().splitlines():
        here.right("predict", here.reviews, "--text", line)


@case
def predict_unknown_words(here):
    lines = [line for line in (here.folder / "reviews.txt").read_text().splitlines() if line]
    for line in lines:
        done = here.run("predict", here.reviews, "--text", line)
        want("unknown" in done.out or "no word that the model knows" in done.err, done)


@case
def reviews_folder_with_os_files(here):
    for folder in ["appledouble", "desktop-ini", "ds-store"]:
        here.right("run", "exp.json", "--data-dir", folder, "--out", folder + "-out")


@case
def sweep_duplicate_values(here):
    here.refused(2, "sweep", "run", "sweep.json", "--out", "S").says("0.001")
    here.refused(2, "sweep", "run", "over-seeds.json", "--out", "S").says("seeds")


@case
def sweep_long_names(here):
    here.right("sweep", "plan", "sweep.json")
    here.right("sweep", "run", "sweep.json", "--out", "S")


@case
def sweep_object_values(here):
    for name in ["sweep", "schedules"]:
        here.right("sweep", "run", f"{name}.json", "--out", "S")
        for form in [(), ("--csv",), ("--md",)]:
            rows = here.right("sweep", "collect", f"{name}.json", "--out", "S", *form).out
            rows = [row.split("  ")[0] for row in rows.splitlines()]
            want(len(set(rows)) == len(rows), rows)
        lines = here.right("sweep", "collect", f"{name}.json", "--out", "S", "--json").out
        (here.folder / f"{name}.jsonl").write_text(lines)
        readme = here.folder / "README.md"
        readme.write_text(f"<!-- sweep: {name} -->\n<!-- sweep: end -->\n")
        here.right("report", f"{name}.jsonl", "--readme", "README.md")
        rows = [line.split(" | ")[0] for line in readme.read_text().splitlines() if "{" in line]
        want(len(set(rows)) == 2, readme.read_text())
        page = here.right("report", f"{name}.jsonl", "-o", "-").out
        for row in rows:
            want(row.strip("| ").replace('"', "&quot;") in page, row)


@case
def sweep_two_at_once(here):
    both = [here.start("sweep", "run", "sweep.json", "--out", "S") for _ in range(2)]
    for process in both:
        out, err = process.communicate()
        want(process.returncode == 0 and b"failed" not in err, out + err)
        want(b"4 of 4 runs are done" in out, out)


@case
def two_configs_of_one_name(here):
    for more in [[], ["--overwrite"]]:
        here.refused(2, "run", "a/x.json", "b/x.json", "--out", "R", *more).says("named `x`")
    want(not (here.folder / "R").exists(), "something was run")


def trained(options, config, name, epochs):
    """A model of the repository's config, trained once."""
    models = Path(options.models).resolve()
    run = models / name / "flex-seed0"
    if not (run / "result.json").exists():
        command = [options.hearth, "run", config, "--set", f"training.epochs={epochs}"]
        command += ["--name", name, "--seeds", "0", "--data-dir", options.data_dir]
        subprocess.run([*command, "--out", models], check=True, stdout=subprocess.DEVNULL)
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--hearth", default="target/release/hearth")
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--models", help="folder to keep the two models in [default: a temporary one]")
    parser.add_argument("--only", nargs="+", default=sorted(CASES), metavar="CASE")
    options = parser.parse_args()
    options.hearth = str(Path(options.hearth).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        options.models = options.models or Path(scratch) / "models"
        configs = Path(__file__).resolve().parent.parent / "configs"
        options.images = trained(options, configs / "mnist-dropout-adam.json", "images", 5)
        options.reviews = trained(options, configs / "imdb-embedding.json", "reviews", 2)
        copies = Path(scratch) / "cases"
        shutil.copytree(options.cases, copies)
        wrong = 0
        for name in options.only:
            try:
                CASES[name](Here(copies / name, options))
                print(f"right  {name}")
            except Wrong as said:
                wrong += 1
                print(f"WRONG  {name}: {said}")
        print(f"{len(options.only) - wrong} of {len(options.only)} are right")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
