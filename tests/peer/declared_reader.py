# SPDX-License-Identifier: Apache-2.0
"""The scheme `declared`: all that a catalogue says counts (docs/rules.md R13).

It accepts what `rfc-v3-strict` accepts, unless something that the catalogue says speaks against it. Each objection is
(rule, parameter or aspect) with False, or None where it is not known. An end without a member says nothing; an end that
has it, and lacks an aspect or a section, says that it is absent.
"""
import copy

from catalogue_reader import MISSING, NOTHING, Values, list_of, prepared, reasons, truth
from expressions import equal, evaluate, parse

UNKNOWN = object()


class NotObserved(Exception):
    """An expression asks for an aspect of which nothing is known."""


# ---- other names of a parameter

def aliases(end):
    return {name: one["alias-of"] for name, one in end.notes.get("params", {}).items() if "alias-of" in one}


def at_destination(name, source, destination):
    """The name under which the destination knows a parameter of the source."""
    if name in destination.params:
        return name
    known = aliases(destination)
    one = known.get(name, name)
    alike = [one] + [other for other, of in known.items() if of == one]
    return next((other for other in alike if other in destination.params), name)


def renamed(source, destination, values):
    """The source as the destination would name its parameters, so that C2 and R7 take either name."""
    names = {name: at_destination(name, source, destination) for name in source.params}
    seen = type(source).__new__(type(source))
    seen.__dict__.update(source.__dict__)
    seen.params = {names[name]: one for name, one in sorted(source.params.items(), key=lambda item: names[item[0]])}
    back = {new: old for old, new in names.items()}
    return seen, {names[name]: value for name, value in values.items()}, back


# ---- state

def sections(end, values):
    return [one for one in end.notes["state"] if truth(one.get("when", "true"), values)]


def state_objections(source, values, destination, given):
    if "state" not in source.notes or "loads" not in destination.notes:
        return []
    found, stream = [], sections(source, values)
    loaders = {one["section"]: one for one in destination.notes["loads"]}
    for one in stream:
        loader = loaders.get(one["section"])
        skipped = loader is None or one["layout"] not in loader["layouts"]
        if skipped and not one.get("ignorable"):
            if not (loader and loader.get("ignorable")):
                found.append((("loads", None), False))
        elif not skipped and loader.get("applied") is False:
            found.append((("lost", None), False))
    for section, loader in loaders.items():
        if section in {one["section"] for one in stream}:
            continue
        missing = loader.get("missing", "default")
        described = any(one["section"] == section for one in source.notes["state"])
        if missing == "refused" or truth(loader.get("required", "false"), given):
            found.append((("loads", None), False))
        elif missing == "lost" and not described:  # where the source describes it, its `when` is false here
            found.append((("lost", None), False))
    return found


# ---- what the guest sees

def absent_like(value):
    return [] if isinstance(value, list) else NOTHING[{bool: "bool", int: "int", str: "str"}[type(value)]]


def interface_objections(source, values, destination, given):
    if "interface" not in source.notes or "interface" not in destination.notes:
        return []
    def seen(end, scope):
        return {name: evaluate(parse(text), Values(scope)) for name, text in end.notes["interface"].items()}
    mine, theirs = seen(source, values), seen(destination, given)
    found = []
    for aspect in sorted(set(mine) | set(theirs)):
        nothing = absent_like(mine.get(aspect, theirs.get(aspect)))
        if not equal(mine.get(aspect, nothing), theirs.get(aspect, nothing)):
            found.append((("interface", aspect), False))
    return found


# ---- observations

def aspect_note(end, aspect, member, default=None):
    return end.notes.get("aspects", {}).get(aspect, {}).get(member, default)


def relation_of(source, destination, aspect):
    """The destination checks: its entry counts, else the source's, else exact."""
    for end in (destination, source):
        said = aspect_note(end, aspect, "compare") or end.notes.get("compare", {}).get(aspect)
        if said:
            return said
    return "exact"


def reported(end, aspect, shown):
    """The value that was shown; None for absent, UNKNOWN where this end does not report it."""
    if aspect in shown:
        return shown[aspect]
    says = aspect_note(end, aspect, "reported") or end.notes.get("reported", "all")
    return UNKNOWN if says == "some" else None


def number_of(value):
    return int(value or "0", 16) if isinstance(value, str) else int(value)


def relates(relation, mine, theirs, accepts=None):
    """Whether two values relate, None where it is not known."""
    if relation == "exact":
        return equal(mine, theirs)
    if relation == "subset":
        if isinstance(mine, list):
            return all(any(equal(one, other) for other in theirs) for one in mine)
        return bool(theirs) or not mine
    if relation == "bits":
        return number_of(mine) & ~number_of(theirs) == 0
    if relation == "at-least":
        return theirs >= mine
    if relation == "at-most":
        return theirs <= mine
    key = str(mine).lower() if isinstance(mine, bool) else str(mine)  # pairs
    if key not in (accepts or {}):
        return None
    return any(equal(theirs, one) for one in accepts[key])


def meanings_of_absent(aspect, other, destination, ends):
    """The values that absence may stand for: the destination's off value, else each that is declared, else nothing."""
    own = destination.params.get(aspect)
    if own is not None and own.off is not MISSING:
        return [own.off]
    declared = []
    for end in ends:
        one = end.params.get(aspect)
        if end.model == destination.model and one is not None and one.off is not MISSING:
            if not any(equal(one.off, known) for known in declared):
                declared.append(one.off)
    return declared or [absent_like(other)]


def travels(source, values, destination, name):
    """Whether C2 holds for a parameter that carries an aspect, listed or not, and C3 where it is listed."""
    one, other = source.params.get(name), destination.params.get(name)
    if one is None or other is None or one.type != other.type:
        return False
    if name not in list_of(source, values):
        return True
    return {"yes": True, "no": False, "undetermined": None}[other.accepts(values[name])]


def observation(source, values, destination, aspect, mine, theirs, ends):
    """One aspect at one profile."""
    for end in (destination, source):
        carried = aspect_note(end, aspect, "carried-by")
        if carried:
            return travels(source, values, destination, aliases(destination).get(carried, carried))
    if UNKNOWN in (mine, theirs):
        return None
    if mine is None and theirs is None:
        return True
    relation = relation_of(source, destination, aspect)
    accepts = aspect_note(destination, aspect, "accepts") or aspect_note(source, aspect, "accepts")
    if mine is None:
        said = {relates(relation, one, theirs, accepts) for one in meanings_of_absent(aspect, theirs, destination, ends)}
    elif theirs is None:
        said = {relates(relation, mine, one, accepts) for one in meanings_of_absent(aspect, mine, destination, ends)}
    else:
        said = {relates(relation, mine, theirs, accepts)}
    return said.pop() if len(said) == 1 else None


def shown_by_source(source, profile, arrived):
    """An instance that came by migration shows what `restored` says of it, over what a fresh one shows."""
    fresh = source.notes.get("observed", {}).get(profile)
    if not arrived or profile not in source.notes.get("restored", {}):
        return fresh
    return {**(fresh or {}), **source.notes["restored"][profile]}


def named_aspects(ends, model):
    """Every aspect that somebody has an entry for."""
    return {aspect for end in ends if end.model == model for member in ("observed", "takes", "restored")
            for seen in end.notes.get(member, {}).values() for aspect in seen}


def observed_objections(source, values, destination, profile, arrived, ends):
    mine = shown_by_source(source, profile, arrived)
    takes = destination.notes.get("takes", {}).get(profile, {})
    theirs = {**destination.notes.get("observed", {}).get(profile, {}), **takes}
    described = profile in destination.notes.get("observed", {}) or takes
    if mine is None or not described:
        return []
    found = []
    aspects = set(mine) | set(theirs)
    if profile in destination.notes.get("observed", {}):  # what neither has an entry for is absent where all is reported
        aspects |= {one for one in named_aspects(ends, source.model)
                    if reported(source, one, {}) is not reported(destination, one, {})}
    for aspect in sorted(aspects):
        kept = observation(source, values, destination, aspect, reported(source, aspect, mine),
                           reported(destination, aspect, theirs), ends)
        if kept is not True:
            carried = aspect_note(destination, aspect, "carried-by") or aspect_note(source, aspect, "carried-by")
            found.append((("takes" if aspect in takes and not carried else "observed", aspect), kept))
    return found


# ---- what else is said

def takes_objections(source, values, destination):
    """`params.NAME.takes`: what a destination takes in, where that is less than an instance may have."""
    found = []
    for name, value in list_of(source, values).items():
        takes = destination.note(name, "takes", None)
        if takes is None or name not in destination.params or destination.params[name].type != source.params[name].type:
            continue
        one = type(destination.params[name])(name, {"type": destination.params[name].type, "init_value": None,
                                                    "allowed_values": takes})
        if one.accepts(value) == "no":
            found.append((("takes", name), False))
    return found


class Shown(Values):
    """Parameters and aspects of an instance: an aspect that was not observed has no value."""

    def __init__(self, end, values, shown):
        super().__init__(values)
        self.end, self.shown = end, shown

    def name(self, name):
        if name in self.values:
            return self.values[name]
        value = UNKNOWN if self.shown is None else reported(self.end, name, self.shown)
        if value is UNKNOWN or isinstance(value, list):
            raise NotObserved(name)
        return False if value is None else value  # absent is false, 0 or ""


def three_valued(tree, scope):
    """True, False, or None where what is not known matters."""
    if tree[0] == "()":
        return three_valued(tree[3], scope)
    if tree[0] == "!":
        inner = three_valued(tree[3], scope)
        return None if inner is None else not inner
    if tree[0] in ("&&", "||", "=>"):
        left, right = three_valued(tree[3], scope), three_valued(tree[4], scope)
        if tree[0] == "=>":
            left = None if left is None else not left
        deciding = tree[0] != "&&"
        if deciding in (left, right):
            return deciding
        return None if None in (left, right) else not deciding
    try:
        return evaluate(tree, scope)
    except NotObserved:
        return None


def blocks_objections(source, values, profile, arrived):
    scope = Shown(source, values, shown_by_source(source, profile, arrived))
    held = [three_valued(parse(one["when"]), scope) for one in source.notes.get("blocks", [])]
    return [(("blocks", None), None if one is None else False) for one in held if one is not False]


def profile_objections(destination, profile, catalogue):
    known = destination.notes.get("profiles")
    if catalogue.get("profile-names") == "aliases" or known is None or profile in known:
        return []
    return [(("profile", None), False)]


# ---- the verdict

def pins_of(end, profile):
    """What a profile pins, by the first names of its parameters."""
    known = aliases(end)
    return {known.get(name, name): value for name, value in end.notes.get("profiles", {}).get(profile, {}).items()
            if known.get(name, name) in end.params}


def expanded(end, profile):
    return {**end.init(), **pins_of(end, profile)}


def profiles_of(source, values):
    """The profiles that expand to this very configuration."""
    return [name for name in source.notes.get("profiles", {})
            if all(equal(expanded(source, name)[one], values[one]) for one in values)]


def pinned(destination, profile):
    """The destination, where a pin of its own profile of that name, to a value that it accepts, stands for off."""
    pins = pins_of(destination, profile) if profile else {}
    seen = copy.copy(destination)
    seen.params = {}
    for name, one in destination.params.items():
        seen.params[name] = copy.copy(one)
        if name in pins and one.accepts(pins[name]) == "yes":
            seen.params[name].off = pins[name]
            seen.params[name].published = [] if one.off is MISSING else [one.off]
    return seen


def at_profile(source, values, destination, profile, named_profile, arrived, catalogue, ends):
    """Everything that is said for one profile, or for none; only one that was named has pins."""
    named, known, back = renamed(source, destination, values)
    found = [((rule, back.get(name, name)), None if rule == "R2" else False)
             for rule, name in reasons(named, known, pinned(destination, named_profile), True)]
    if ("C1", None) in [one for one, _ in found]:
        return found
    given = prepared(pinned(destination, named_profile), list_of(named, known))
    found += state_objections(source, values, destination, given)
    found += interface_objections(source, values, destination, given)
    found += takes_objections(named, known, destination)
    found += blocks_objections(source, values, profile, arrived)
    if profile is not None:
        found += observed_objections(named, known, destination, profile, arrived, ends)
        found += profile_objections(destination, profile, catalogue)
    if destination.available == 0 and decided(found) == "accept":  # of types that accept
        found.append((("room", None), False))
    return found


def decided(found):
    said = {kept for _, kept in found}
    return "reject" if False in said else "undetermined" if None in said else "accept"


def declared(catalogue, source, values, destination, profile=None, arrived=False, ends=()):
    """The verdict, and the reasons as (rule, parameter or aspect)."""
    asked = [profile] if profile is not None else profiles_of(source, values) or [None]
    each = [at_profile(source, values, destination, one, profile, arrived, catalogue, ends) for one in asked]
    verdicts = {decided(one) for one in each}
    verdict = verdicts.pop() if len(verdicts) == 1 else "undetermined"
    # the reasons of the JSON name a parameter, or nothing: of an aspect its message alone speaks
    told = {(rule, None if rule in ("interface", "observed") or rule == "takes" and name not in source.params else name)
            for one in each for (rule, name), _ in one}
    return {"verdict": verdict, "reasons": sorted(map(list, told), key=str)}
