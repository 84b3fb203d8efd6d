# SPDX-License-Identifier: Apache-2.0
"""Random small catalogues, and a migration to ask of each. One seed gives one catalogue, on every machine.

Ends have few configurations, so that a reader can look at all of them. A version mostly changes little of the one
before it: catalogues in which everything is broken show little.
"""
from generate_models import Chance

NAMES = {"a": "bool", "b-c": "int", "d": "int", "e": "str", "3f": "bool"}
NUMBERS = (0, 1, 2, 3)
TEXTS = ("", "gold", "0-1")
SECTIONS = ("rings", "clock")
ASPECTS = ("size", "vectors", "a")
MODEL = "example.org/card"


class CatalogueMaker:
    """One catalogue of two to four implementations of one model (rarely of two)."""

    def __init__(self, seed):
        self.chance = Chance(seed)
        self.names = self.chance.some_of(sorted(NAMES), 1 + self.chance.below(3))
        self.before = None

    def value(self, kind):
        if kind == "bool":
            return self.chance.once_in(2)
        return self.chance.one_of(NUMBERS if kind == "int" else TEXTS)

    def parameter(self, name):
        kind = NAMES[name] if not self.chance.once_in(15) else self.chance.one_of(("bool", "int", "str"))
        made = {"type": kind, "init_value": self.value(kind)}
        if not self.chance.once_in(4):
            made["off_value"] = self.value(kind)
        if not self.chance.once_in(3):
            allowed = [self.value(kind) for _ in range(self.chance.below(3))]
            if kind == "int" and self.chance.once_in(3):
                allowed.append(f"{self.chance.below(2)}-{1 + self.chance.below(3)}")
            for member in ("init_value", "off_value"):
                if member in made and not self.chance.once_in(6):
                    allowed.append(made[member])
            made["allowed_values"] = [one for n, one in enumerate(allowed)
                                      if not any(type(one) is type(other) and one == other for other in allowed[:n])]
        return made

    def params(self):
        if self.before is None or self.chance.once_in(3):
            made = {name: self.parameter(name) for name in self.names if not self.chance.once_in(4)}
        else:
            made = dict(self.before)
            changed = self.chance.one_of(self.names)
            made.pop(changed, None)
            if not self.chance.once_in(3):
                made[changed] = self.parameter(changed)
        self.before = made
        return made

    # ---- expressions over parameters

    @staticmethod
    def spoken(name):
        return f"`{name}`" if name[0].isdigit() else name

    def term(self, kind, params, depth=1):
        fitting = [name for name, one in params.items() if one["type"] == kind]
        if fitting and not self.chance.once_in(3):
            text = self.spoken(self.chance.one_of(sorted(fitting)))
        else:
            value = self.value(kind)
            text = f'"{value}"' if kind == "str" else str(value).lower()
        if kind == "int" and depth and self.chance.once_in(3):
            return f"{text} {self.chance.one_of('+-*')} {self.term(kind, params, 0)}"
        return text

    def condition(self, params, depth):
        if depth and self.chance.once_in(2):
            if self.chance.once_in(4):
                return f"!({self.condition(params, depth - 1)})"
            sign = self.chance.one_of(("&&", "||", "=>"))
            text = f"{self.condition(params, depth - 1)} {sign} {self.condition(params, depth - 1)}"
            return text if self.chance.once_in(2) else f"({text})"
        kind = self.chance.one_of(sorted({one["type"] for one in params.values()}))
        if kind == "bool" and self.chance.once_in(2):
            return self.term(kind, params)
        if kind == "int" and self.chance.once_in(4):
            low = self.chance.below(3)
            return f"{self.term(kind, params)} in {{{self.chance.below(4)}, {low}..{low + self.chance.below(3)}}}"
        signs = ("==", "!=", "<", "<=", ">", ">=") if kind == "int" else ("==", "!=")
        return f"{self.term(kind, params)} {self.chance.one_of(signs)} {self.term(kind, params)}"

    def any(self, kind, params):
        if kind == "bool":
            return self.condition(params, 1)
        if self.chance.once_in(4):
            return f"if {self.condition(params, 0)} then {self.term(kind, params)} else {self.term(kind, params)}"
        return self.term(kind, params)

    # ---- annotations

    def annotations(self, params):
        made = {}
        if self.chance.once_in(2):
            made["params"] = {name: self.note() for name in params if self.chance.once_in(2)}
        if not params:
            return made
        if self.chance.once_in(3):
            made["constraints"] = [self.condition(params, 1) for _ in range(1 + self.chance.below(2))]
        if self.chance.once_in(2):
            made["state"] = [self.saved(params) for _ in range(1 + self.chance.below(3))]
        if self.chance.once_in(2):
            made["loads"] = [self.loaded(section, params) for section in SECTIONS if not self.chance.once_in(4)]
        if self.chance.once_in(2):
            made["interface"] = {aspect: self.any(kind, params) for aspect, kind in
                                                zip(ASPECTS, ("int", "int", "bool")) if self.chance.once_in(2)}
        return {name: one for name, one in made.items() if one is not None}

    def note(self):
        made = {}
        if self.chance.once_in(2):
            made["writable"] = self.chance.one_of(("create", "closed", "runtime"))
        if self.chance.once_in(2):
            made["affects"] = self.chance.one_of(("interface", "state", "both"))
        if self.chance.once_in(4):
            made["fix-for"] = "something"
        return made

    def saved(self, params):
        made = {"section": self.chance.one_of(SECTIONS), "layout": 1 + self.chance.below(2)}
        if self.chance.once_in(2):
            made["when"] = self.condition(params, 1)
        if self.chance.once_in(6):
            made["ignorable"] = True
        return made

    def loaded(self, section, params):
        made = {"section": section, "layouts": [1, 2] if self.chance.once_in(2) else [1 + self.chance.below(2)]}
        if self.chance.once_in(3):
            made["required"] = self.condition(params, 1)
        if self.chance.once_in(6):
            made["ignorable"] = True
        return made

    def implementation(self, number):
        params = self.params()
        model = MODEL if not self.chance.once_in(12) else MODEL + "/other"
        made = {"name": "card", "version": str(number)}
        if self.chance.once_in(4):
            kinds = [params] + [self.other_values(params) for _ in range(self.chance.below(2))]
            made["types"] = [{"name": f"kind{n}", "migration_info": {"models": {model: {"params": one}}}}
                             for n, one in enumerate(kinds)]
        else:
            made["migration_info"] = {"models": {model: {"params": params}}}
        made["models"] = {model: self.annotations(params)}
        return made

    def other_values(self, params):
        """Another type: the same parameters, as annotations hold for both, with other values."""
        made = {}
        for name, one in params.items():
            value = self.value(one["type"])
            made[name] = {**one, "init_value": value, "allowed_values": one.get("allowed_values", []) + (
                [] if value in one.get("allowed_values", []) else [value])}
        return made

    def catalogue(self):
        return {"format": "portolan.catalogue/1",
                "implementations": [self.implementation(n) for n in range(1, 3 + self.chance.below(3))]}


def question(seed):
    """A catalogue, and which migration of which values is asked of it."""
    return written_question(CatalogueMaker(seed))


def written_question(maker):
    catalogue = maker.catalogue()
    ends = [(one["version"], kind.get("name") if "types" in one else None, kind["migration_info"]["models"])
            for one in catalogue["implementations"] for kind in one.get("types", [one])]
    source, destination = maker.chance.one_of(ends), maker.chance.one_of(ends)
    values = {}
    for name, one in next(iter(source[2].values()))["params"].items():
        if maker.chance.once_in(2):
            allowed = [value for value in one.get("allowed_values", [])
                       if one["type"] != "int" or not isinstance(value, str)]
            values[name] = maker.chance.one_of(allowed) if allowed else maker.value(one["type"])
    return {"catalogue": catalogue, "from": list(source[:2]), "to": list(destination[:2]), "set": values,
            "scheme": maker.chance.one_of(("rfc-v3", "rfc-v3-strict"))}
