# SPDX-License-Identifier: Apache-2.0
"""Random catalogues, for bench/answers: several in one file, so that starting the program is not what takes the time.

Each catalogue of a file has device models of its own, and implementations that share them: few parameters, small
domains (also at the edges of 64 bits), absent allowed and off values, constraints with every operator, several types,
and what is saved, loaded, seen and observed. In every other one a version changes little of the one before it, so that
much holds; in the rest nearly everything is violated. Nothing in a file is refused; much of it is a finding. The same
seed and number give the same catalogue on every machine: random.Random.getrandbits alone decides.
"""
import random

TYPES = ("bool", "int", "str")
NAMES = ("a", "b-c", "3d", "exists", "e")  # a plain one, a dash, a digit first, a reserved word
SPOKEN = {"3d": "`3d`", "exists": "`exists`"}
NUMBERS = (0, 1, 2, 3, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1)
TEXTS = ("", "gold", "silver", "0-255")
SECTIONS = ("rings", "clock", "irq")
ASPECTS = ("size", "vectors", "a")
PROFILES = ("old", "new", "1.0")
VERSIONS = ("1", "2", "1.10", "1.9", "2.0.0-rc", "3.1.4")


class Chance:
    """What random numbers decide."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def below(self, bound):
        return self._random.getrandbits(32) % bound

    def once_in(self, number):
        return self.below(number) == 0

    def one_of(self, choices):
        return choices[self.below(len(choices))]


class Expressions:
    """Conditions and terms over parameters, as catalogues write them."""

    def __init__(self, chance, params):
        self.chance, self.params = chance, params

    def literal(self, kind):
        if kind == "bool":
            return self.chance.one_of(("false", "true"))
        if kind == "int":
            return str(NUMBERS[self.chance.below(8 if self.chance.once_in(3) else 4)])
        return f'"{self.chance.one_of(TEXTS)}"'

    def term(self, kind, depth):
        fitting = [name for name, parameter in self.params.items() if parameter["type"] == kind]
        named = fitting and not self.chance.once_in(4)
        if named:
            name = self.chance.one_of(fitting)
            atom = SPOKEN.get(name, name)
        else:
            atom = self.literal(kind)
        if kind != "int" or depth == 0 or not self.chance.once_in(3):
            return atom
        return f"({atom} {self.chance.one_of('+-*')} {self.term(kind, depth - 1)})"

    def items(self, kind):
        for _ in range(self.chance.below(4)):
            ranged = kind == "int" and self.chance.once_in(3)
            yield self.literal(kind) + (".." + self.literal(kind) if ranged else "")

    def condition(self, depth):
        if depth > 0 and not self.chance.once_in(3):
            left = self.condition(depth - 1)
            if self.chance.once_in(5):
                return f"!({left})"
            return f"({left} {self.chance.one_of(('&&', '||', '=>'))} {self.condition(depth - 1)})"
        kind = self.chance.one_of(TYPES)
        if kind == "bool" and self.chance.once_in(2):
            return self.term(kind, 0)
        if self.chance.once_in(4):
            return f"{self.term(kind, 1)} in {{{', '.join(self.items(kind))}}}"
        comparisons = ("==", "!=", "<", "<=", ">", ">=")[:6 if kind == "int" else 2]
        return f"{self.term(kind, 2)} {self.chance.one_of(comparisons)} {self.term(kind, 2)}"

    def any(self):
        """A condition, a term, or a choice between two terms."""
        kind = self.chance.one_of(TYPES)
        if self.chance.once_in(5):
            return f"if {self.condition(1)} then {self.term(kind, 1)} else {self.term(kind, 1)}"
        return self.condition(1) if self.chance.once_in(2) else self.term(kind, 1)


class RandomCatalogue:
    """One catalogue: implementations of one or two models of its own."""

    def __init__(self, chance, number):
        self.chance = chance
        self.name = f"n{number}"
        self.models = [f"example.org/m{number}"] + ([f"example.org/m{number}/second"] if chance.once_in(8) else [])
        self.kinds = {name: chance.one_of(TYPES) for name in NAMES}
        self.tame = chance.once_in(2)
        self.before = {}  # of each model the parameters of the version before, when a version changes little

    def implementations(self):
        versions = list(VERSIONS)
        for _ in range(2 + self.chance.below(3)):
            version = versions.pop(self.chance.below(len(versions)))
            yield self.implementation(version)

    # ---- migration information

    def value(self, kind):
        if kind == "bool":
            return self.chance.once_in(2)
        if kind == "int":
            return NUMBERS[self.chance.below(8 if self.chance.once_in(3) else 4)]
        return self.chance.one_of(TEXTS)

    def allowed(self, kind):
        values = []
        for _ in range(0 if self.chance.once_in(25) and not self.tame else 1 + self.chance.below(3)):
            values.append(self.value(kind))
        if kind == "int" and self.chance.once_in(3):
            low = 2**64 - 3 if self.chance.once_in(4) else self.chance.below(3)
            values.append(f"{low}-{low + self.chance.below(3)}")
        return values

    def member(self, kind, allowed):
        """Mostly one of the allowed values, sometimes none of them."""
        values = [value for value in allowed or () if kind == "str" or not isinstance(value, str)]
        within = values and (self.tame or not self.chance.once_in(6))
        return self.chance.one_of(values) if within else self.value(kind)

    def parameter(self, name):
        other = not self.tame and self.chance.once_in(12)
        kind = self.chance.one_of(TYPES) if other else self.kinds[name]
        allowed = None if self.chance.once_in(3) else self.allowed(kind)
        made = {"type": kind, "init_value": self.member(kind, allowed)}
        if not self.chance.once_in(4):
            made["off_value"] = self.member(kind, allowed)
        if allowed is not None:
            made["allowed_values"] = allowed
        return made

    def params(self, model):
        before = self.before.get(model)
        if before is None:
            made = {name: self.parameter(name) for name in NAMES if not self.chance.once_in(3)}
        else:
            made = dict(before)
            changed = self.chance.one_of(NAMES)
            made.pop(changed, None)
            if not self.chance.once_in(4):
                made[changed] = self.parameter(changed)
        if self.tame:
            self.before[model] = made
        return made

    def another_type(self, models):
        """The same parameters with other values: annotations hold for every type."""
        made = {}
        for model, described in models.items():
            params = {}
            for name, parameter in described["params"].items():
                kind, allowed = parameter["type"], self.allowed(parameter["type"])
                params[name] = {**parameter, "init_value": self.member(kind, allowed), "allowed_values": allowed}
            made[model] = {"params": params}
        return made

    # ---- annotations

    def notes(self, params):
        made = {}
        for name in params:
            if self.chance.once_in(3):
                continue
            made[name] = {"writable": self.chance.one_of(("create", "closed", "runtime")),
                          "affects": self.chance.one_of(("interface", "state", "both"))}
            if self.chance.once_in(4):
                made[name]["fix-for"] = "something"
        return made

    def profiles(self, params):
        made = {}
        for profile in PROFILES:
            if self.chance.once_in(2):
                continue
            made[profile] = {name: self.member(parameter["type"], parameter.get("allowed_values"))
                             for name, parameter in params.items() if self.chance.once_in(3)}
            if self.chance.once_in(10):
                made[profile]["misspelt"] = self.value(self.chance.one_of(TYPES))
        return made

    def saved(self, expressions):
        for section in SECTIONS:
            for _ in range(self.chance.below(3)):
                made = {"section": section, "layout": 1 + self.chance.below(2)}
                if expressions.params and self.chance.once_in(2):
                    made["when"] = expressions.condition(1)
                if self.chance.once_in(6):
                    made["ignorable"] = True
                yield made

    def loaded(self, expressions):
        for section in SECTIONS:
            if self.chance.once_in(4):
                continue
            made = {"section": section, "layouts": [1, 2] if self.chance.once_in(2) else [1 + self.chance.below(2)]}
            if expressions.params and self.chance.once_in(3):
                made["required"] = expressions.condition(1)
            if self.chance.once_in(6):
                made["ignorable"] = True
            yield made

    def observed(self, profiles):
        made = {}
        for profile in profiles:
            if self.chance.once_in(3):
                continue
            made[profile] = {aspect: None if self.chance.once_in(5) else self.value(self.chance.one_of(TYPES))
                             for aspect in ASPECTS if not self.chance.once_in(3)}
        return made

    def annotations(self, params):
        expressions = Expressions(self.chance, params)
        made = {"params": self.notes(params)}
        if params and self.chance.once_in(4 if self.tame else 2):
            made["constraints"] = [expressions.condition(2) for _ in range(1 + self.chance.below(2))]
        if not self.chance.once_in(4):
            made["state"] = list(self.saved(expressions))
        if not self.chance.once_in(4):
            made["loads"] = list(self.loaded(expressions))
        if params and not self.chance.once_in(3):
            made["interface"] = {aspect: expressions.any() for aspect in ASPECTS if self.chance.once_in(2)}
        if not self.chance.once_in(3):
            made["profiles"] = self.profiles(params)
            made["observed"] = self.observed(made["profiles"])
            made["compare"] = {aspect: self.chance.one_of(("exact", "subset"))
                               for aspect in ASPECTS if self.chance.once_in(2)}
        return made

    def implementation(self, version):
        described = {model: {"params": self.params(model)} for model in self.models}
        made = {"name": self.name if not self.chance.once_in(10) else self.name + "-other", "version": version}
        if not self.chance.once_in(3):
            made["kind"] = self.chance.one_of(("mdev", "vfio-pci", "vfio-user"))
        if self.chance.once_in(3):
            types = [described] + [self.another_type(described) for _ in range(self.chance.below(3))]
            made["types"] = [{"name": f"{self.name}-t{number}", "available_instances": 1 + self.chance.below(4),
                              "migration_info": {"models": models}} for number, models in enumerate(types)]
        else:
            made["migration_info"] = {"models": described}
        made["models"] = {model: self.annotations(one["params"]) for model, one in described.items()
                          if not self.chance.once_in(8)}
        return made


def random_catalogues(seed, first, count):
    """The catalogues `first` … `first + count - 1` of a seed, as one catalogue for JSON."""
    implementations = []
    for number in range(first, first + count):
        implementations.extend(RandomCatalogue(Chance(seed * 1_000_003 + number), number).implementations())
    return {"format": "portolan.catalogue/1", "implementations": implementations}
