"""Hostile files: small ones that unpack to much, endless ones, large ones. None may cost 512 MB."""

import gzip
import io
import json
import random
import resource
import shutil
import struct
import tarfile

from command import hearth

MOST_MEGABYTES = 512
# As `ulimit -v 6000000`.
ADDRESS_SPACE = (resource.RLIMIT_AS, 6_000_000 << 10)
HUGE = 3 << 30

DIGITS = """{
  "data": { "synthetic_digits": { "train_examples": 500, "test_examples": 100 } },
  "model": { "hidden_mlp": { "hidden": [8] } },
  "optimizer": { "sgd": {} },
  "training": { "epochs": 1 INITIAL }
}"""
REVIEWS = """{
  "data": { "synthetic_reviews": { "train_examples": 400, "test_examples": 100 } },
  "model": { "embedding_classifier": { "embedding": 8, "embedding_dropout": 0.3, "hidden": 8,
    "hidden_dropout": 0.5 } },
  "optimizer": { "adam": {} },
  "training": { "epochs": 1 }
}"""


def attack(folder, options):
    (folder / "digits.json").write_text(DIGITS.replace("INITIAL", ""))
    (folder / "reviews.json").write_text(REVIEWS)
    done = hearth(options, "run", "digits.json", "reviews.json", cwd=folder)
    assert done.code == 0, done
    for name, attempt, is_right in attempts(folder, options.data_dir):
        arguments, fed, environment = attempt()
        done = hearth(
            options,
            *arguments,
            cwd=folder,
            fed=fed,
            environment={"XDG_CACHE_HOME": str(folder / "cache"), **environment},
            limits=[ADDRESS_SPACE],
        )
        problems = []
        if done.crash():
            problems.append(done.crash())
        if done.megabytes >= MOST_MEGABYTES:
            problems.append(f"{done.megabytes:.0f} MB")
        if (done.code == 0) != is_right:
            problems.append(f"exit {done.code}: {done.err[-300:]}")
        said = done.err.strip().splitlines()[-1:] or ["answered"]
        line = f"{name}: {done.megabytes:.0f} MB, exit {done.code}: {said[0][:150]}"
        # A new process counts as large as the one that started it.
        del done
        yield line, problems


def attempts(folder, data_dir):
    """Each attack: its name, how it is prepared, and whether the command is to succeed."""
    digits, reviews = (f"results/{name}/flex-seed0" for name in ("digits", "reviews"))

    def command(*arguments, fed=None, **environment):
        return arguments, fed, environment

    def imdb(name, write):
        def prepare():
            place = folder / name
            place.mkdir()
            write(place / "aclImdb_v1.tar.gz")
            return command("data", "verify", "imdb", HEARTH_DATA_DIR=str(place))

        return name, prepare, False

    yield imdb("an archive of 1,100 reviews of a megabyte", lambda path: archive(path, repeated()))
    yield imdb("an archive of distinct words", lambda path: archive(path, distinct(5_000_000)))

    for images, said in ((1_000_000, "of the right length"), (999_999, "of another length")):

        def mnist(images=images, said=said):
            place = folder / f"mnist {said}"
            shutil.copytree(data_dir / "mnist", place)
            pixels(place / "train-images-idx3-ubyte.gz", images)
            return command("data", "verify", "mnist", HEARTH_DATA_DIR=str(place))

        yield f"3 MB of IDX that unpack to 784, {said}", mnist, False

    def sweep():
        numbers = list(range(1, 10_001))
        (folder / "huge.json").write_text(
            json.dumps(
                {"base": "digits.json", "grid": {"training.epochs": numbers}, "seeds": numbers}
            )
        )

    for subcommand in ("plan", "status", "collect"):
        yield (
            f"a sweep of 10,000 members with 10,000 seeds, {subcommand}",
            lambda subcommand=subcommand: (sweep(), command("sweep", subcommand, "huge.json"))[1],
            False,
        )

    def weights(name, write):
        def prepare():
            write(folder / "hostile.safetensors")
            config = DIGITS.replace("INITIAL", ', "initial_weights": "hostile.safetensors"')
            (folder / "initial.json").write_text(config)
            return command("run", "initial.json")

        return f"initial weights: {name}", prepare, False

    yield weights("a header of 90 MB", long_header)
    yield weights("3 GB", sparse)
    yield weights("without end", endless)

    for name, run in (
        ("result.json", digits),
        ("model.safetensors", digits),
        ("vocabulary.txt", reviews),
    ):
        for said, write in (("3 GB", sparse), ("without end", endless)):

            def damaged(name=name, run=run, write=write):
                path = folder / run / name
                kept = path.with_suffix(".kept")
                if not kept.exists():
                    path.rename(kept)
                write(path)
                text = ["--text", "a fine film"]
                return command("predict", run, *text) if run == reviews else command("evaluate", run)

            yield f"{name} of a run, {said}", damaged, False
            yield f"the same, list", lambda: command("list"), False

        def restored(name=name, run=run):
            path = folder / run / name
            path.unlink()
            path.with_suffix(".kept").rename(path)
            return command("list")

        yield f"{name} as it was", restored, True

    def markers():
        (folder / "README.md").write_text("<!-- table: begin -->\n<!-- table: end -->\n")

    for option in ("--readme", "--reference"):
        for said, write in (("3 GB", sparse), ("without end", endless)):

            def text(option=option, write=write):
                write(folder / "huge.md")
                if option == "--readme":
                    return command("report", "results", option, "huge.md")
                markers()
                return command("report", "results", "--readme", "README.md", option, "huge.md")

            yield f"{option}, {said}", text, False

    def collected():
        sparse(folder / "results/other.jsonl")
        return command("report", "results", "-o", "page.html")

    yield "3 GB without a line's end among the results", collected, True

    def lines():
        (folder / "results/other.jsonl").unlink()
        fed = (b"a fine film with a wonderful cast\n" * 10_000 for _ in range(200))
        return command("predict", reviews, "--json", fed=fed)

    yield "2,000,000 lines on standard input", lines, True
    line = (b"a fine film " * 100_000 for _ in range(3000))
    yield "a line of 3.6 GB", lambda: command("predict", reviews, "--json", fed=line), False

    def links():
        for number in range(100):
            (folder / f"results/digits/link{number}").symlink_to(folder / "results")
        return command("report", "results", "-o", "page.html")

    yield "a folder with 100 links to itself", links, True


def sparse(path):
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.truncate(HUGE)


def endless(path):
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def long_header(path):
    path.unlink(missing_ok=True)
    header = json.dumps(
        {
            f"tensor{number:08}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
            for number in range(1_250_000)
        }
    ).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def pixels(path, images):
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(struct.pack(">IIII", 0x803, 1_000_000, 28, 28))
        for _ in range(images // 1000):
            file.write(bytes(784 * 1000))


def archive(path, texts):
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for number, text in enumerate(texts):
            member = tarfile.TarInfo(f"aclImdb/train/pos/{number}_10.txt")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))


def repeated():
    return (b"x " * 500_000 for _ in range(1100))


def distinct(words):
    drawn = random.Random(0)
    for _ in range(words // 5000):
        yield b" ".join(b"%x" % drawn.getrandbits(40) for _ in range(5000))
