# SPDX-License-Identifier: Apache-2.0
"""Properties of `check` (docs/rules.md §properties and §levels), each decided by looking at every configuration.

A property is asked of every case there is (a pair, a configuration, a parameter): it is `violated` when one breaks it,
`undetermined` when one leaves it open, `vacuous` when there was none, and else it `holds`. A set-up that hangs on a value
of which nothing is published (R2) is a case too: it breaks nothing, since it may not happen, but leaves open what it
would break.
"""
import itertools

from catalogue_reader import (MISSING, NOTHING, Values, decide, ends_of, equal, list_of, prepared, truth)
from expressions import evaluate, parse


def summary(cases):
    """The verdict over cases that are True (kept), False (broken) or None (open)."""
    found = set(cases)
    return ("violated" if False in found else "undetermined" if None in found else "holds" if found else "vacuous")


def pairs_of(ends):
    return [(one, other) for one in ends for other in ends if one is not other and one.model == other.model]


def set_up(source, values, destination):
    """The values that the destination gets (R7) and whether that is certain, or None where C1 to C3, a write or a
    constraint stands in the way."""
    accepted = decide(source, values, destination, False)
    if accepted == "reject":
        return None
    listed = list_of(source, values)
    for name, one in destination.params.items():
        if name not in listed and one.off is not MISSING and one.accepts(one.off) == "no":
            return None
    given = prepared(destination, listed)
    return (given, accepted == "accept") if destination.allowed(given) else None


def case(kept, certain):
    """What breaks a property, if it can happen at all, leaves it open where that is not certain."""
    return True if kept else False if certain else None


def saved(end, values):
    """The sections that are saved: (section, layout, ignorable)."""
    return [(one["section"], one["layout"], one.get("ignorable", False)) for one in end.notes["state"]
            if truth(one.get("when", "true"), values)]


def loaded(source, values, destination, given):
    """Whether the state loads, and whether something is skipped on the way; None where an end says nothing."""
    if "state" not in source.notes or "loads" not in destination.notes:
        return None, False
    sections, skipped = saved(source, values), False
    known = {one["section"]: one for one in destination.notes["loads"]}
    for section, layout, ignorable in sections:
        loader = known.get(section)
        if loader is None or layout not in loader["layouts"]:
            if not ignorable and not (loader or {}).get("ignorable"):
                return False, False
            skipped = True
    for one in known.values():
        if "required" in one and truth(one["required"], given) and one["section"] not in {name for name, _, _ in sections}:
            return False, skipped
    return True, skipped


def set_ups(ends):
    """(source, values, destination, given, certain) of everything that can be set up."""
    for source, destination in pairs_of(ends):
        for values in source.configurations():
            made = set_up(source, values, destination)
            if made is not None:
                yield source, values, destination, *made


def same_values(one, other):
    return all(equal(one[name], other[name]) for name in one)


# ---- properties of values

def init_accepted(ends):
    return summary(one.accepts(one.init) != "no" for end in ends for one in end.params.values())


def off_accepted(ends):
    return summary(one.accepts(one.off) != "no" for end in ends for one in end.params.values()
                   if one.off is not MISSING)


def shared(ends):
    """A parameter of two ends that both know it."""
    for one, other in itertools.combinations(ends, 2):
        if one.model == other.model:
            for name in set(one.params) & set(other.params):
                yield one.params[name], other.params[name]


def same_type(ends):
    return summary(one.type == other.type for one, other in shared(ends))


def same_off(ends):
    return summary((one.off is other.off) if MISSING in (one.off, other.off) else equal(one.off, other.off)
                   for one, other in shared(ends) if one.type == other.type)


def later_parameter_has_off(ends):
    return summary(source.params[name].off is not MISSING for source, destination in pairs_of(ends)
                   for name in source.params if name not in destination.params)


# ---- properties of one migration

def accepted(ends):
    """(source, values, destination, certain) of everything that C1 to C3 do not reject."""
    for source, destination in pairs_of(ends):
        for values in source.configurations():
            said = decide(source, values, destination, False)
            if said != "reject":
                yield source, values, destination, said == "accept"


def no_surprise(ends):
    return summary(case(set_up(source, values, destination) is not None, certain)
                   for source, values, destination, certain in accepted(ends))


def constraint_hole(ends):
    return summary(case(destination.allowed(prepared(destination, list_of(source, values))), certain)
                   for source, values, destination, certain in accepted(ends) if destination.constraints)


def loads(ends):
    found = ((loaded(*one[:4])[0], one[4]) for one in set_ups(ends))
    return summary(case(kept, certain) for kept, certain in found if kept is not None)


def incomplete_state(ends):
    cases = []
    for source, values, destination, given, certain in set_ups(ends):
        does, skipped = loaded(source, values, destination, given)
        fixes = [name for name in source.params if source.note(name, "fix-for", None) is not None]
        forgotten = any(source.params[name].off is not MISSING and equal(values[name], source.params[name].off)
                        for name in fixes)
        if does or (does is None and fixes):
            cases.append(case(not skipped and not forgotten, certain))
    return summary(cases)


def seen(end, values):
    return {aspect: evaluate(parse(text), Values(values)) for aspect, text in end.notes["interface"].items()}


def same_interface(source, values, destination, given):
    for name in source.params:
        affects = {end.note(name, "affects", "both") for end in (source, destination) if name in end.params}
        if affects != {"state"} and name in given and not equal(values[name], given[name]):
            return False
    for name, one in destination.params.items():
        if name not in source.params and destination.note(name, "affects", "both") != "state":
            if one.off is MISSING or not equal(given[name], one.off):
                return False
    if "interface" not in source.notes or "interface" not in destination.notes:
        return True
    return same_aspects(seen(source, values), seen(destination, given))


def interface_constant(ends):
    return summary(case(same_interface(*one), certain) for *one, certain in set_ups(ends))


# ---- properties of several migrations

def round_trip(ends):
    cases = []
    for source, values, destination, given, certain in set_ups(ends):
        back = set_up(destination, given, source)
        if back is not None:
            cases.append(case(same_values(values, back[0]), certain and back[1]))
    return summary(cases)


def path_independent(ends):
    cases = []
    for source, values, through, given, certain in set_ups(ends):
        for last in ends:
            if last is source or last is through or last.model != source.model:
                continue
            straight, around = set_up(source, values, last), set_up(through, given, last)
            if straight is not None and around is not None:
                cases.append(case(same_values(straight[0], around[0]), certain and straight[1] and around[1]))
    return summary(cases)


# ---- properties of what is described

def off_equals_absence(ends):
    """What the other lacks, switched off, leaves interface and state as they are there, all else being equal."""
    cases = []
    for source, other in pairs_of(ends):
        lacking, more = [set(one.params) - set(two.params) for one, two in ((source, other), (other, source))]
        if not lacking or any(source.params[name].off is MISSING for name in lacking):
            continue
        if any(other.params[name].off is MISSING for name in more):
            continue
        for values in source.configurations():
            there = {name: other.params[name].off if name in more else values[name] for name in other.params}
            off = all(equal(values[name], source.params[name].off) for name in lacking)
            if not off or not in_domain(other, there):
                continue
            if "interface" in source.notes and "interface" in other.notes:
                cases.append(same_aspects(seen(source, values), seen(other, there)))
            if "state" in source.notes and "state" in other.notes:
                cases.append(layouts(source, values) == layouts(other, there))
    return summary(cases)


def in_domain(end, values):
    return (all(type(values[name]) is type(one.init) and one.accepts(values[name]) == "yes"
                for name, one in end.params.items()) and end.allowed(values))


def layouts(end, values):
    return {(section, layout) for section, layout, _ in saved(end, values)}


def same_aspects(mine, theirs):
    for aspect in set(mine) | set(theirs):
        value = mine.get(aspect, theirs.get(aspect))
        absent = NOTHING[{bool: "bool", int: "int", str: "str"}[type(value)]]
        if not equal(mine.get(aspect, absent), theirs.get(aspect, absent)):
            return False
    return True


def representation_without_parameter(ends):
    """The same parameters with the same values save the same sections in the same layouts."""
    return summary(layouts(source, values) == layouts(other, values)
                   for source, other in pairs_of(ends)
                   if "state" in source.notes and "state" in other.notes and set(source.params) == set(other.params)
                   for values in source.configurations() if in_domain(other, values))


def ambiguous_type(ends):
    """No two types of one entry can be given the same effective values."""
    cases = []
    for one, other in pairs_of(ends):
        if one.implementation is not other.implementation:
            continue
        theirs = [effective(other, values) for values in other.configurations()]
        cases.append(not any(effective(one, values) == there for values in one.configurations() for there in theirs))
    return summary(cases)


def effective(end, values):
    """What has an effect: off is absent."""
    return {name: (type(value).__name__, value) for name, value in values.items()
            if end.params[name].off is MISSING or not equal(value, end.params[name].off)}


def runtime_interface_constant(ends):
    """No parameter that is writable at run time changes what the guest sees: its value, or an aspect."""
    cases = []
    for end in ends:
        for name in end.params:
            if end.note(name, "writable", "closed") != "runtime":
                continue
            every = list(end.configurations())
            written = [(one, other) for one in every for other in every if not equal(one[name], other[name])
                       and all(equal(one[rest], other[rest]) for rest in one if rest != name)]
            visible = end.note(name, "affects", "both") != "state"
            cases.append(not any(visible or "interface" in end.notes
                                 and not same_aspects(seen(end, one), seen(end, other)) for one, other in written))
    return summary(cases)


def baseline(ends):
    """All hosts of a model have a configuration in common: it is accepted strictly between any two, and stays."""
    cases = []
    for entries in describing(ends):
        if len(entries) > 1:
            cases.append(common(entries, []))
    return summary(cases)


def common(entries, chosen):
    if not entries:
        return True
    for end in entries[0]:
        for values in end.configurations():
            if all(stays(end, values, other, there) and stays(other, there, end, values) for other, there in chosen):
                if common(entries[1:], chosen + [(end, values)]):
                    return True
    return False


def stays(source, values, destination, there):
    return (decide(source, values, destination, True) == "accept"
            and same_values(there, prepared(destination, list_of(source, values))))


# ---- levels

def describing(ends):
    """For each model the implementations that describe it, in the order of the file, as lists of ends."""
    models = {}
    for end in ends:
        models.setdefault(end.model, {}).setdefault(id(end.implementation), []).append(end)
    return [list(entries.values()) for entries in models.values()]


def accepted_by(source, values, others):
    """Whether the namesake of a type accepts, or where there is none some type."""
    namesakes = [one for one in others if one.type == source.type]
    said = {decide(source, values, one, False) for one in namesakes or others}
    return True if "accept" in said else None if "undetermined" in said else False


def level(ends, onward, back, transitive):
    cases = []
    for entries in describing(ends):
        for late in range(1, len(entries)):
            for early in range(0 if transitive else late - 1, late):
                ways = [(early, late)] * onward + [(late, early)] * back
                for source, others in ((one, entries[to]) for of, to in ways for one in entries[of]):
                    cases += [accepted_by(source, values, others) for values in source.configurations()] or [None]
    return summary(cases)


PROPERTIES = {
    "init-accepted": init_accepted, "off-accepted": off_accepted, "same-type": same_type, "same-off": same_off,
    "later-parameter-has-off": later_parameter_has_off, "no-surprise": no_surprise, "constraint-hole": constraint_hole,
    "loads": loads, "incomplete-state": incomplete_state, "interface-constant": interface_constant,
    "round-trip": round_trip, "path-independent": path_independent,
    "off-equals-absence": off_equals_absence, "ambiguous-type": ambiguous_type, "baseline": baseline,
    "representation-without-parameter": representation_without_parameter,
    "runtime-interface-constant": runtime_interface_constant,
    "forward": lambda ends: level(ends, True, False, False), "backward": lambda ends: level(ends, False, True, False),
    "full": lambda ends: level(ends, True, True, False),
    "forward-transitive": lambda ends: level(ends, True, False, True),
    "backward-transitive": lambda ends: level(ends, False, True, True),
    "full-transitive": lambda ends: level(ends, True, True, True),
}


LEVELS = ("forward", "backward", "full", "forward-transitive", "backward-transitive", "full-transitive")

# Of these it is not said exactly when there is nothing to look at, so `vacuous` is taken for `holds`.
KEPT = ("no-surprise", "constraint-hole", "loads", "incomplete-state", "interface-constant", "round-trip",
        "path-independent", "off-equals-absence", "representation-without-parameter", "runtime-interface-constant")


def told(name, verdict):
    return "holds" if name in KEPT and verdict == "vacuous" else verdict


def properties(catalogue):
    ends = ends_of(catalogue)
    return {name: judge(ends) for name, judge in PROPERTIES.items()}
