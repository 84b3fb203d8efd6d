# SPDX-License-Identifier: Apache-2.0
"""Makes an input smaller as long as something stays true of it: members are left out, expressions become parts of
themselves. What is returned cannot lose one more of these."""
import copy

from expressions import Malformed, children, parse


def places(value, path=()):
    """Every place below a value, outermost first."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(entries):
        yield path + (key,)
        yield from places(inner, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def parts(text):
    """Shorter texts that an expression could be instead, or a list of steps and updates."""
    pieces = text.split(";")
    if len(pieces) > 1:
        yield from (";".join(pieces[:n] + pieces[n + 1:]) for n in range(len(pieces)))
    before, sign, after = text.rpartition(":=")
    try:
        tree = parse(after)
    except Malformed:
        return
    for child in children(tree):
        inner = child[3] if child[0] == "()" and tree[0] != "!" else child
        yield before + sign + (" " if sign else "") + after[inner[1]:inner[2]]
    if after.strip() not in ("true", "false"):
        yield from (before + sign + " " + word if sign else word for word in ("true", "false"))


EXPRESSIONS = ("guard", "update", "steps", "always", "sometimes", "eventually", "goal", "when", "required", "interface",
               "constraints")


def attempts(value):
    for path in places(value):
        smaller = copy.deepcopy(value)
        del at(smaller, path[:-1])[path[-1]]
        yield smaller
    for path in places(value):
        if isinstance(at(value, path), str) and set(path[-2:]) & set(EXPRESSIONS):
            for text in parts(at(value, path)):
                smaller = copy.deepcopy(value)
                at(smaller, path[:-1])[path[-1]] = text
                yield smaller


def smaller(value, stays, most=3000):
    """The smallest input found after at most so many attempts."""
    tried, progress = 0, True
    while progress:
        progress = False
        for attempt in attempts(value):
            tried += 1
            if tried > most:
                return value
            if stays(attempt):
                value, progress = attempt, True
                break
    return value
