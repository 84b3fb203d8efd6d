#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the program to the second reader on random inputs, or on the files that are named.

    tests/peer/compare.py --portolan build/release/portolan --kind model --first 1 --count 200

Where they disagree the input is made smaller as long as the disagreement stays; both answers and the file are printed,
and the exit status is 1. It is 2 where the program refuses an input that the generators make.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import sys
import tempfile

import kinds
import minimise


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portolan", required=True, help="the program that is held to the reader")
    parser.add_argument("--kind", choices=sorted(kinds.KINDS), action="append", help="what to make (default: all)")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=100, help="how many of each kind")
    parser.add_argument("--jobs", type=int, default=1, help="programs at once")
    parser.add_argument("--most", type=int, default=3, help="end after so many disagreements")
    parser.add_argument("--known", choices=kinds.KNOWN, action="append", default=[],
                        help="compare also what is known to differ, see README.md")
    parser.add_argument("--aspects", action="store_true", help="catalogues with the members of the scheme `declared`")
    parser.add_argument("--no-minimise", action="store_true", help="print the input as it was made")
    parser.add_argument("files", nargs="*", metavar="FILE", help="compare these (JSON) instead, of the kind that is named")
    return parser.parse_args()


UNSUITABLE = object()


def differs(one, kind, portolan):
    """What the program and the reader say, None where they agree, UNSUITABLE where the input is too large."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            mine = kind.answer(one)
        except kinds.Unsuitable:
            return UNSUITABLE
        theirs = kind.excused(mine, kind.ask(one, portolan, pathlib.Path(folder)))
    return None if mine == theirs else (mine, theirs)


def parting(mine, theirs, path=""):
    """Where two answers part, member by member."""
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        yield path, mine, theirs
        return
    for key in sorted(set(mine) | set(theirs)):
        if mine.get(key) != theirs.get(key):
            yield from parting(mine.get(key), theirs.get(key), f"{path}/{key}")


def tell(name, one, found):
    """Both answers, first where they part, then the input."""
    mine, theirs = found
    print(f"\n== {name}: the program and the second reader disagree")
    for path, left, right in parting(mine, theirs):
        print(f"{path}:\n  reader:  {left}\n  program: {right}")
    print(json.dumps(one, ensure_ascii=False))


def still(kind, portolan, refused):
    """Whether a smaller input shows a disagreement of the same sort."""
    def check(one):
        try:
            found = differs(one, kind, portolan)
        except Exception:  # a smaller input may be nothing that the reader can read
            return False
        return found not in (None, UNSUITABLE) and ("refused" in found[1]) == refused
    return check


def look_at(job):
    options, name, one = job
    kind = kinds.KINDS[name.split()[0]](options)
    try:
        return name, one, differs(one, kind, options.portolan)
    except Exception as why:
        raise RuntimeError(f"{name}: {json.dumps(one)}") from why


def jobs_of(options):
    every = sorted(set(kinds.KINDS) - (set() if options.aspects else {"declared"}))
    for kind in options.kind or every:
        if options.files:
            for file in options.files:
                yield options, f"{kind} {file}", json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        else:
            for seed in range(options.first, options.first + options.count):
                yield options, f"{kind} seed {seed}", kinds.KINDS[kind](options).make(seed)


def main():
    options = arguments()
    options.portolan = str(pathlib.Path(options.portolan).resolve())
    compared, found, refused = collections.Counter(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, one, different in pool.map(look_at, jobs_of(options)):
            compared[name.split()[0]] += different is not UNSUITABLE
            if different in (None, UNSUITABLE):
                continue
            found += 1
            refused += "refused" in different[1]
            kind = kinds.KINDS[name.split()[0]](options)
            if not options.no_minimise:
                one = minimise.smaller(one, still(kind, options.portolan, "refused" in different[1]))
                different = differs(one, kind, options.portolan)
            tell(name, one, different)
            if found >= options.most:
                pool.shutdown(cancel_futures=True)
                break
    print(", ".join(f"{kind}: {number} compared" for kind, number in sorted(compared.items())), file=sys.stderr)
    return 2 if refused else 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
