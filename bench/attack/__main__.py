"""Attacks a build of hearth and says what held.

    python bench/attack PART... --hearth target/release/hearth --data-dir DIR

The parts, all of them by default:

mutations   a finished run, a checkpoint and a cache are damaged in many ways; no command may then give
            another figure and exit with 0
memory      hostile files of all kinds are read within 512 MB, and with 6 GB of address space
limits      threads, open files and file sizes run out; nothing panics, and the next run is right
kills       SIGKILL at random moments of a run, of a run with an empty cache and of a sweep that
            downloads; the digest is right, nobody is left and nothing remains

Prints a line for each attack, with figures. Exits with 1 if one got through. Takes about 20 minutes on
two cores. `--mutations` and `--kills` set how many.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import kills
import limits
import memory
import mutations

PARTS = {
    "mutations": mutations.attack,
    "memory": memory.attack,
    "limits": limits.attack,
    "kills": kills.attack,
}


def main():
    parser = argparse.ArgumentParser(
        prog="attack",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--hearth", required=True, type=Path)
    parser.add_argument("--data-dir", required=True, type=Path, help="has MNIST and IMDB")
    parser.add_argument("--mutations", type=int, default=200, help="of each file")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    options.hearth = options.hearth.resolve()
    options.data_dir = options.data_dir.resolve()
    through = 0
    for part in options.parts or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            for attack, problems in PARTS[part](Path(folder), options):
                print(f"{part}: {attack}: {'held' if not problems else 'GOT THROUGH'}", flush=True)
                for problem in problems[:20]:
                    print(f"    {problem}", flush=True)
                through += len(problems)
    sys.exit(1 if through else 0)


if __name__ == "__main__":
    main()
