"""Measures Tidegate beside the floors, and with `--peers` beside its peers; see README.md.

Exits 0 when everything of ours was measured. With `--check`, 1 if a target is missed.
"""

import argparse
import json
import random
import sys
import time

from driver import build, table, targets
from driver.clients import ENV, choose, own, peers
from driver.results import Results
from driver.sample import QUIET, Bench, Broken


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="samples of everything (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a sample (1)")
    parser.add_argument(
        "--peers",
        action="store_true",
        help="also measure peers from the registries (installs them)",
    )
    parser.add_argument("--only", default="", help="only what has this text in its LANGUAGE/CLIENT/MODE, and its floor")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    return parser.parse_args()


def prepare(options):
    """The clients to measure, built, and the files whose sizes are shown."""
    print("building ...", flush=True)
    clients = choose(own() + (peers() if options.peers else []), options.only)
    files = build.own([client for client in clients if not client.peer])
    for client in clients:
        if client.peer:
            print(f"  {client.key}", flush=True)
            build.peer(client)
    return clients, files


def measure(bench, clients, options):
    """All rounds. In a round the clients of one mode come one after the other, so that they meet the same machine."""
    results = Results()
    modes = list(dict.fromkeys(mode for client in clients for mode in client.modes))
    for number in range(options.rounds):
        clock = time.monotonic()
        for mode in modes:
            turn = [client for client in clients if mode in client.modes and not client.missing]
            for client in random.sample(turn, len(turn)):
                try:
                    figures = bench.sample(client, mode, options.seconds)
                except Broken as error:
                    if not client.peer:
                        raise
                    client.missing = str(error)
                    continue
                if figures:
                    results.add(client.key, mode, number, figures)
        print(
            f"  round {number + 1} of {options.rounds}: {time.monotonic() - clock:.0f} s",
            flush=True,
        )
    return results


def report(results, clients, files, only):
    """Prints the tables; the rows that have a target."""
    cpu, start = (
        [row for row in rows if "-" not in (row.ours, row.result) or not only]
        for rows in (targets.cpu(results), targets.start(results, files))
    )
    print("\n" + table.targets("client CPU, us", cpu))
    print("\n" + table.targets("start and size", start))
    print("\n" + table.everyone(results, clients))
    print("\n" + table.speed(results, clients))
    noisy = [
        figures for samples in results.samples.values() for figures in samples.values() if figures["other"] >= QUIET
    ]
    total = sum(len(samples) for samples in results.samples.values())
    print(f"\n{len(noisy)} of {total} samples were disturbed: others used {QUIET} cores or more.")
    print("Ratios are medians over rounds of neighbouring samples; ~ marks those without three quiet rounds.")
    for client in clients:
        if client.missing:
            print(f"{client.key} not available: {client.missing}")
    return cpu + start


def main():
    options = arguments()
    try:
        clients, files = prepare(options)
    except build.Failed as error:
        sys.exit(f"cannot build: {error}")
    try:
        with Bench() as bench:
            results = measure(bench, clients, options)
    except Broken as error:
        sys.exit(f"cannot measure: {error}")
    rows = report(results, clients, files, options.only)
    saved = {"/".join(key): list(samples.values()) for key, samples in results.samples.items()}
    (ENV / "results.json").write_text(json.dumps(saved, indent=1))
    missed = [row.what for row in rows if row.passed is False]
    open_rows = [row.what for row in rows if row.target and row.passed is None]
    print(
        f"\n{sum(row.passed is True for row in rows)} targets met, {len(missed)} missed: {', '.join(missed) or 'none'}"
    )
    if open_rows:
        print(f"{len(open_rows)} not measured: {', '.join(open_rows)}")
    sys.exit(bool(options.check and missed))


if __name__ == "__main__":
    main()
