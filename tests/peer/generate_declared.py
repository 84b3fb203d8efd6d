# SPDX-License-Identifier: Apache-2.0
"""Random small catalogues with all that the scheme `declared` looks at: profiles, observations, aspects, what a
destination takes in, what an instance shows after a migration, what blocks it, what a loader drops."""
from generate_catalogues import CatalogueMaker, written_question

ASPECTS = {"on": "bool", "lanes": "int", "flags": "bits", "board": "str", "modes": "list"}
RELATIONS = {"bool": ("exact", "subset"), "int": ("exact", "subset", "at-least", "at-most", "bits", "pairs"),
             "bits": ("bits", "exact"), "str": ("exact", "subset", "pairs"), "list": ("exact", "subset")}
PROFILES = ("base", "more")
CONDITIONS = ("on", "!on", "lanes > 1", "lanes < 2 && on", 'board == "red"', 'board == "" || on')


class DeclaredMaker(CatalogueMaker):
    """A catalogue whose implementations mostly know the same profiles."""

    def shown(self, kind):
        if kind == "bits":
            return self.chance.one_of(("0x1", "0x3", "0xf0000000000000000", "0x0"))
        if kind == "list":
            return self.chance.some_of(("copy", "fill", "blend"), self.chance.below(4))
        if kind == "str":
            return self.chance.one_of(("", "red", "blue"))
        return self.value(kind)

    def observations(self):
        return {aspect: None if self.chance.once_in(8) else self.shown(kind)
                for aspect, kind in ASPECTS.items() if not self.chance.once_in(3)}

    def aspect(self, name, kind, params):
        made = {}
        if not self.chance.once_in(3):
            made["compare"] = self.chance.one_of(RELATIONS[kind])
            if made["compare"] == "pairs":
                known = [str(n) for n in range(4)] if kind == "int" else ["", "red", "blue"]
                made["accepts"] = {one: [self.shown(kind) for _ in range(self.chance.below(3))]
                                   for one in self.chance.some_of(known, 2)}
        if self.chance.once_in(4):
            made["of"] = self.chance.one_of(("device", "guest", "host"))
        if params and self.chance.once_in(8):
            made["carried-by"] = self.chance.one_of(sorted(params))
        if self.chance.once_in(6):
            made["reported"] = self.chance.one_of(("all", "some"))
        return made

    def annotations(self, params):
        made = super().annotations(params)
        for name, one in made.get("params", {}).items():
            if self.chance.once_in(5):
                one["takes"] = [self.value(params[name]["type"])]
        profiles = [one for one in PROFILES if not self.chance.once_in(4)]
        if not profiles:
            if self.chance.once_in(2):
                made["profiles"] = {}
            return made
        made["profiles"] = {one: {name: self.pinned(params[name]) for name in sorted(params) if self.chance.once_in(3)}
                            for one in profiles}
        if not self.chance.once_in(4):
            made["observed"] = {one: self.observations() for one in profiles if not self.chance.once_in(4)}
            made["aspects"] = {name: self.aspect(name, kind, params) for name, kind in ASPECTS.items()
                               if self.chance.once_in(2)}
            if self.chance.once_in(5):
                made["reported"] = self.chance.one_of(("all", "some"))
            if self.chance.once_in(4):
                made["takes"] = {one: self.observations() for one in profiles if self.chance.once_in(2)}
            if self.chance.once_in(4):
                made["restored"] = {one: self.observations() for one in profiles if self.chance.once_in(2)}
        if params and self.chance.once_in(5):
            made["blocks"] = [{"when": self.condition(params, 1), "text": "not now"}]
        elif self.chance.once_in(6):
            made["blocks"] = [{"when": self.chance.one_of(CONDITIONS), "text": "not with that"}]
            for name in ASPECTS:  # so that each is known by name, whatever was seen of it
                made.setdefault("aspects", {}).setdefault(name, {})
        return made

    def pinned(self, param):
        if self.chance.once_in(4):
            return self.value(param["type"])
        return param.get("off_value", param["init_value"])

    def loaded(self, section, params):
        made = super().loaded(section, params)
        if "required" not in made and self.chance.once_in(2):
            made["missing"] = self.chance.one_of(("refused", "default", "lost"))
        if self.chance.once_in(6):
            made["applied"] = False
        return made

    def catalogue(self):
        made = super().catalogue()
        if self.chance.once_in(6):
            made["profile-names"] = "aliases"
        for one in made["implementations"]:
            for kind in one.get("types", []):
                if self.chance.once_in(5):
                    kind["available_instances"] = self.chance.below(3)
        return made


def question(seed):
    maker = DeclaredMaker(seed)
    made = written_question(maker)
    source = next(one for one in made["catalogue"]["implementations"] if one["version"] == made["from"][0])
    profiles = sorted(next(iter(source["models"].values())).get("profiles", {}))
    if profiles and not maker.chance.once_in(4):
        made["profile"], made["set"] = maker.chance.one_of(profiles), {}
    made["arrived"] = maker.chance.once_in(4)
    return made
