# SPDX-License-Identifier: Apache-2.0
"""A catalogue, read from docs/formats/catalogue.md, docs/formats/migration-information.md and docs/rules.md alone.

Everything is decided by enumeration: the configurations of an end are all combinations of values that it certainly
accepts and that its constraints allow. `check` is R5 and R6 for one configuration; `matrix`, `compat` and `properties`
say what the commands of these names should say.
"""
import itertools

from expressions import children, equal, evaluate, parse

MISSING = object()
NOTHING = {"bool": False, "int": 0, "str": ""}


class TooLarge(Exception):
    """More configurations than this reader is made for."""


class Parameter:
    """What one implementation publishes of a parameter."""

    def __init__(self, name, described):
        self.name, self.type = name, described["type"]
        self.init = described["init_value"]
        self.off = described.get("off_value", MISSING)
        self.allowed = described.get("allowed_values")
        self.published = []  # its off value where a profile pins another one instead

    def accepts(self, value):
        """R2: yes, no, or undetermined."""
        if self.allowed is None:
            certain = [self.init] + ([] if self.off is MISSING else [self.off]) + self.published
            return "yes" if any(equal(value, one) for one in certain) else "undetermined"
        for one in self.allowed:
            if self.type == "int" and isinstance(one, str):
                low, high = (int(part) for part in one.split("-"))
                if low <= value <= high:
                    return "yes"
            elif equal(value, one):
                return "yes"
        return "no"

    def certain(self):
        """Every value that is accepted for certain, once."""
        found = []
        for one in [self.init] if self.allowed is None else self.allowed:
            if self.type == "int" and isinstance(one, str):
                low, high = (int(part) for part in one.split("-"))
                if high - low > 64:
                    raise TooLarge(f"{one} of {self.name}")
                found += range(low, high + 1)
            else:
                found.append(one)
        if self.allowed is None and self.off is not MISSING:
            found.append(self.off)
        return [one for n, one in enumerate(found) if not any(equal(one, other) for other in found[:n])]


class Values:
    """The scope of an expression over parameters."""

    def __init__(self, values):
        self.values = values

    def name(self, name):
        return self.values[name]


def truth(expression, values):
    return evaluate(parse(expression), Values(values))


def names_in(tree):
    """The parameters that an expression speaks of."""
    return {tree[3]} if tree[0] == "name" else set().union(*(names_in(one) for one in children(tree)))


def only_name(expression):
    """The one parameter that a constraint is about, or None where there are several or none."""
    names = names_in(parse(expression))
    return names.pop() if len(names) == 1 else None


class End:
    """One type of one implementation, for one model."""

    def __init__(self, implementation, kind, model, params, annotations):
        self.implementation, self.model = implementation, model
        self.type, self.available = kind.get("name"), kind.get("available_instances")
        self.name = implementation["name"] + (f"@{implementation['version']}" if "version" in implementation else "")
        self.label = self.name + (f"/{self.type}" if self.type else "")
        self.params = {name: Parameter(name, one) for name, one in sorted(params.items())}
        self.notes = annotations
        self.constraints = annotations.get("constraints", [])

    def init(self):
        return {name: one.init for name, one in self.params.items()}

    def allowed(self, values):
        return all(truth(one, values) for one in self.constraints)

    def possible(self, values):
        """Whether an instance may have these values: the init value, or one that is not refused (R2, R12)."""
        return self.allowed(values) and all(equal(values[name], one.init) or one.accepts(values[name]) != "no"
                                            for name, one in self.params.items())

    def configurations(self, most=3000):
        """All configurations that an instance certainly can have."""
        domains = [one.certain() for one in self.params.values()]
        size = 1
        for domain in domains:
            size *= len(domain)
        if size > most:
            raise TooLarge(f"{size} configurations of {self.label}")
        for chosen in itertools.product(*domains):
            values = dict(zip(self.params, chosen))
            if self.allowed(values):
                yield values

    def note(self, name, member, default):
        return self.notes.get("params", {}).get(name, {}).get(member, default)


def ends_of(catalogue):
    """Every end, in the order of the file."""
    found = []
    for one in catalogue["implementations"]:
        types = one.get("types") or [{"migration_info": one["migration_info"]}]
        for kind in types:
            for model, described in kind["migration_info"]["models"].items():
                notes = one.get("models", {}).get(model, {})
                found.append(End(one, kind, model, described.get("params", {}), notes))
    return found


def some_alike(catalogue):
    """Whether two ends say the same in everything."""
    said = [(one.model, {name: vars(param) for name, param in one.params.items()}, one.notes)
            for one in ends_of(catalogue)]
    return any(one == other for n, one in enumerate(said) for other in said[:n])


# ---- R4 to R7

def list_of(source, values):
    """R4: what differs from the source's own off value, and what has none."""
    return {name: values[name] for name, one in source.params.items()
            if one.off is MISSING or not equal(values[name], one.off)}


def prepared(destination, listed):
    """R7: the listed value, else the own off value, else the init value stays."""
    made = {}
    for name, one in destination.params.items():
        same_type = name in listed and type(listed[name]) is type(one.init)
        made[name] = listed[name] if same_type else one.init if one.off is MISSING else one.off
    return made


def reasons(source, values, destination, strict):
    """R5 and R6: every failed condition, as (rule, parameter); R2 is a value of which nobody knows."""
    if source.model != destination.model:
        return {("C1", None)}
    found, listed = set(), list_of(source, values)
    for name, value in listed.items():
        known = destination.params.get(name)
        if known is None or known.type != source.params[name].type:
            found.add(("C2", name))
        elif known.accepts(value) != "yes":
            found.add(("C3" if known.accepts(value) == "no" else "R2", name))
    if strict:
        found |= strict_reasons(source, destination, listed)
    return found


def strict_reasons(source, destination, listed):
    found = set()
    for name, one in destination.params.items():
        if name in listed:
            continue
        if one.off is MISSING or one.accepts(one.off) == "no":
            found.add(("C4", name))
        mine = source.params.get(name)
        if mine is not None and one.off is not MISSING and not equal(mine.off, one.off):
            found.add(("C5", name))
    given = prepared(destination, listed)
    other_type = {name for name in listed if name in given and type(listed[name]) is not type(given[name])}
    found |= {("C6", only_name(one)) for one in destination.constraints
              if not names_in(parse(one)) & other_type and not truth(one, given)}
    return found


def verdict_of(found):
    """A rejection outweighs what is not known."""
    rules = {rule for rule, _ in found}
    return "reject" if rules - {"R2"} else "undetermined" if rules else "accept"


def decide(source, values, destination, strict):
    return verdict_of(reasons(source, values, destination, strict))


def relation(source, destination, strict):
    """Over all configurations: all, some, none are accepted, or it is not determined."""
    found = {decide(source, values, destination, strict) for values in source.configurations()}
    if found == {"accept"}:
        return "all"
    if found == {"reject"}:
        return "none"
    return "some" if "accept" in found and "reject" in found else "undetermined"


def matrix(catalogue, strict):
    """(model, source, destination) to (fresh, relation), for all ordered pairs of different ends of a model."""
    ends = ends_of(catalogue)
    return {f"{one.model}: {one.label} -> {other.label}": [decide(one, one.init(), other, strict),
                                                          relation(one, other, strict)]
            for one in ends for other in ends if one is not other and one.model == other.model}


def compat(source, values, destination, strict):
    """What compat says of one configuration and one type at the destination."""
    found = reasons(source, values, destination, strict)
    said = {"verdict": verdict_of(found), "list": list_of(source, values), "reasons": sorted(map(list, found), key=str)}
    if said["verdict"] == "accept":
        said["prepared"] = prepared(destination, list_of(source, values))
    return said
