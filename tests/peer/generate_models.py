# SPDX-License-Identifier: Apache-2.0
"""Random small scenarios with a `model:` of their own. One seed gives one scenario, on every machine.

Rows of one machine may answer the same event in the same state (the first of them does).
`undefined`: actions may be without a meaning somewhere: an index that is none, a value outside its domain, two values.
"""
import random

SORTS = (("lamp", ["red", "green", "blue"]), ("door", 2), ("floor", ["ground", "top-floor"]))
EVENTS = ("go", "stop", "turn")
STATES = ("Idle", "Busy", "Done")


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

    def some_of(self, choices, number):
        left, found = list(choices), []
        for _ in range(min(number, len(left))):
            found.append(left.pop(self.below(len(left))))
        return found


class ModelMaker:
    """One scenario. A variable is (name, index sorts, domain text, low, high)."""

    def __init__(self, seed, undefined=True):
        self.chance = Chance(seed)
        self.undefined = undefined and self.chance.once_in(3)
        self.sorts = dict(self.chance.some_of(SORTS, 1 + self.chance.below(2)))
        if self.chance.once_in(4):
            self.sorts = {name: elements if isinstance(elements, int) else elements[:1 + self.chance.below(3)]
                          for name, elements in self.sorts.items()}
        self.variables, self.machines = {}, {}
        self.readable = []  # (name, index sorts, kind): kind is bool, int, or a sort, with ? where none is admitted

    def elements(self, sort):
        held = self.sorts[sort]
        return [f"{sort}{n}" for n in range(1, held + 1)] if isinstance(held, int) else held

    # ---- expressions; `bound` is a list of (name, sort)

    def index(self, sorts, bound):
        return "[" + ", ".join(self.element(sort, bound, 1) for sort in sorts) + "]" if sorts else ""

    def element(self, sort, bound, depth):
        """An element of a sort, which is never none unless a model may be undefined."""
        names = [name for name, of in bound if of == sort]
        if names and not self.chance.once_in(4):
            return self.chance.one_of(names)
        kinds = (sort, sort + "?") if self.undefined and self.chance.once_in(2) else (sort,)
        found = [one for one in self.readable if one[2] in kinds] if depth else []
        if found and self.chance.once_in(3):
            return self.read(self.chance.one_of(found), bound)
        return self.chance.one_of(self.elements(sort))

    def read(self, variable, bound):
        name, sorts, _ = variable
        return name + self.index(sorts, bound)

    def number(self, bound, depth):
        found = [one for one in self.readable if one[2] == "int"]
        pick = self.chance.below(6)
        if depth and pick == 0:
            return f"{self.number(bound, depth - 1)} {self.chance.one_of('+-*')} {self.number(bound, depth - 1)}"
        if depth and pick == 1:
            sort = self.chance.one_of(sorted(self.sorts))
            inside = bound + [("n" + str(len(bound)), sort)]
            if self.chance.below(3) == 0:
                return f"sum(n{len(bound)} in {sort}: {self.number(inside, depth - 1)})"
            inner = self.condition(inside, depth - 1)
            return f"count(n{len(bound)} in {sort}: {inner})"
        if depth and pick == 2:
            return f"(if {self.condition(bound, depth - 1)} then {self.number(bound, 0)} else {self.number(bound, 0)})"
        if found and pick < 5:
            return self.read(self.chance.one_of(found), bound)
        return str(self.chance.below(4))

    def condition(self, bound, depth):
        pick = self.chance.below(10)
        if depth and pick < 3:
            sign = self.chance.one_of(("&&", "||", "=>"))
            text = f"{self.condition(bound, depth - 1)} {sign} {self.condition(bound, depth - 1)}"
            return text if self.chance.once_in(3) else f"({text})"
        if depth and pick == 3:
            return f"!({self.condition(bound, depth - 1)})"
        if depth and pick == 4:
            sort = self.chance.one_of(sorted(self.sorts))
            name = "x" + str(len(bound))
            verb = self.chance.one_of(("forall", "exists"))
            return f"{verb}({name} in {sort}: {self.condition(bound + [(name, sort)], depth - 1)})"
        return self.comparison(bound, depth)

    def comparison(self, bound, depth):
        name, sorts, kind = self.chance.one_of(self.readable)
        left = self.read((name, sorts, kind), bound)
        if kind == "bool":
            return left if self.chance.once_in(2) else "!" + left
        if kind == "int":
            if self.chance.once_in(4):
                low = self.chance.below(3)
                return f"{left} in {{{self.chance.below(3)}, {low}..{low + self.chance.below(2)}}}"
            return f"{left} {self.chance.one_of(('==', '!=', '<', '<=', '>', '>='))} {self.number(bound, depth)}"
        if kind.endswith("?") and self.chance.once_in(3):
            return f"{left} {self.chance.one_of(('==', '!='))} none"
        sort = kind.rstrip("?")
        if sort in self.machines:
            states = self.machines[sort]["states"]
            if self.chance.once_in(3):
                return f"{left} in {{{', '.join(self.chance.some_of(states, 2))}}}"
            return f"{left} {self.chance.one_of(('==', '!='))} {self.chance.one_of(states)}"
        return f"{left} {self.chance.one_of(('==', '!='))} {self.element(sort, bound, depth)}"

    def value(self, kind, bound, low, high):
        """A value for a variable; one outside its domain only where the model may be undefined."""
        if kind == "bool":
            return self.condition(bound, 1) if self.chance.once_in(2) else self.chance.one_of(("true", "false"))
        if kind == "int":
            if self.undefined and self.chance.once_in(3):
                return self.number(bound, 1)
            pick = self.chance.below(3)
            if pick == 0:
                return str(low + self.chance.below(high - low + 1))
            number = self.number(bound, 1)
            return f"if {low} <= {number} && {number} <= {high} then {number} else {low}" if pick == 1 else str(high)
        if kind.endswith("?") and self.chance.once_in(3):
            return "none"
        if self.chance.once_in(4):
            sort = kind.rstrip("?")
            return f"if {self.condition(bound, 1)} then {self.element(sort, bound, 0)} else {self.element(sort, bound, 0)}"
        return self.element(kind.rstrip("?"), bound, 1)

    # ---- parts

    def make_variable(self, name):
        kind = self.chance.one_of(("bool", "int", "int", "sort", "sort?"))
        sorts = self.chance.one_of(([], [], [1], [1], [1, 1]))
        sorts = [self.chance.one_of(sorted(self.sorts)) for _ in sorts]
        low = high = 0
        made = {"domain": "bool"}
        if kind == "int":
            low = self.chance.below(2)
            high = low + 1 + self.chance.below(2)
            made["domain"] = f"{low}..{high}"
        elif kind != "bool":
            sort = self.chance.one_of(sorted(self.sorts))
            kind = kind.replace("sort", sort)
            made["domain"] = kind
        if sorts:
            made["index"] = ", ".join(sorts)
        if self.chance.once_in(2):
            made["initial"] = self.initial(kind, low, high, sorts if self.chance.once_in(2) else [])
        if self.chance.once_in(6):
            made["fixed"] = True
        self.variables[name] = (made, sorts, kind, low, high)
        self.readable.append((name, sorts, "int" if kind == "int" else kind))

    def initial(self, kind, low, high, sorts):
        """One value for all, or one for each of some elements, down to the last index."""
        if sorts:
            return {one: self.initial(kind, low, high, sorts[1:])
                    for one in self.chance.some_of(self.elements(sorts[0]), 2)}
        if kind == "bool":
            return self.chance.once_in(2)
        if kind == "int":
            return low + self.chance.below(high - low + 1)
        return "none" if kind.endswith("?") and self.chance.once_in(3) else self.chance.one_of(
            self.elements(kind.rstrip("?")))

    def make_machine(self, name):
        states = list(STATES[:2 + self.chance.below(2)])
        made = {"states": states}
        if self.chance.once_in(4):
            made["initial"] = self.chance.one_of(states)
        if not self.chance.once_in(3):
            made["index"] = self.chance.one_of(sorted(self.sorts))
        known = {}
        if self.chance.once_in(2):
            known["level"] = {"role": "state", "low": 0, "high": 2}
        if self.chance.once_in(3):
            known["lit"] = {"role": "state"}
        if self.chance.once_in(3):
            known["ok"] = {"role": "input"}
        if self.chance.once_in(5):
            known["many"] = {"role": "input", "low": 0, "high": 2}
        if known:
            made["variables"] = known
        made["rows"] = self.rows(states, known)
        self.machines[name] = made
        index = [made["index"]] if "index" in made else []
        self.readable.append((name, index, name))
        for one, described in known.items():
            if described["role"] == "state":
                self.readable.append((f"{name}.{one}", index, "int" if "high" in described else "bool"))

    def rows(self, states, known):
        made = []
        for _ in range(1 + self.chance.below(5)):
            row = {"from": self.chance.one_of(states), "event": self.chance.one_of(EVENTS),
                   "to": self.chance.one_of(states), "source": "rule 1"}
            guard = self.row_guard(known)
            if guard and self.chance.once_in(2):
                row["guard"] = guard
            update = self.row_update(known)
            if update and self.chance.once_in(2):
                row["update"] = update
            made.append(row)
        return made

    def row_guard(self, known):
        if not known:
            return None
        name = self.chance.one_of(sorted(known))
        if "high" in known[name]:
            return f"{name} {self.chance.one_of(('==', '<', '>='))} {1 + self.chance.below(2)}"
        return name if self.chance.once_in(2) else "!" + name

    def row_update(self, known):
        kept = [name for name in sorted(known) if known[name]["role"] == "state"]
        parts = []
        for name in self.chance.some_of(kept, 1 + self.chance.below(2)):
            if "high" not in known[name]:
                parts.append(f"{name} := {self.row_guard(known)}")
            elif self.undefined and self.chance.once_in(2):
                parts.append(f"{name} := {name} + 1")
            else:
                parts.append(f"{name} := if {name} < 2 then {name} + 1 else 0")
        return "; ".join(parts)

    def make_action(self, number):
        made = {"name": f"act{number}"}
        bound = [(f"p{n}", self.chance.one_of(sorted(self.sorts))) for n in range(self.chance.one_of((0, 1, 1, 2)))]
        if bound:
            made["parameters"] = ", ".join(f"{name}: {sort}" for name, sort in bound)
        if self.chance.once_in(2):
            made["guard"] = self.condition(bound, 2)
        steps = [self.make_step(name, bound) for name in self.chance.some_of(sorted(self.machines), self.chance.below(3))]
        if steps and self.undefined and self.chance.once_in(3):
            steps.append(self.make_step(self.chance.one_of(sorted(self.machines)), bound))
        if steps:
            made["steps"] = "; ".join(steps)
        written = [name for name in sorted(self.variables) if not self.variables[name][0].get("fixed")]
        updates = [self.make_update(name, bound) for name in self.chance.some_of(written, self.chance.below(3))]
        if updates:
            made["update"] = "; ".join(updates)
        if self.chance.once_in(5):
            made["fault"] = True
        return made if steps or updates else None

    def make_step(self, name, bound):
        machine = self.machines[name]
        copy = name + self.index([machine["index"]] if "index" in machine else [], bound)
        if self.chance.once_in(8):
            return copy + ".new"
        inputs = []
        for one, described in machine.get("variables", {}).items():
            if described["role"] == "input" and not self.chance.once_in(3):
                inputs.append(f"{one}: " + (str(self.chance.below(3)) if "high" in described else self.condition(bound, 1)))
        event = self.chance.one_of(sorted({row["event"] for row in machine["rows"]}))
        return f"{copy}.{event}" + (f"({', '.join(inputs)})" if inputs else "")

    def make_update(self, name, bound):
        _, sorts, kind, low, high = self.variables[name]
        if sorts and self.chance.once_in(4):
            which = self.chance.below(len(sorts))
            inner = bound + [("all", sorts[which])]
            indices = ["all" if n == which else self.element(sort, inner, 1) for n, sort in enumerate(sorts)]
            value = self.value(kind, inner, low, high)
            return f"forall(all in {sorts[which]}: {name}[{', '.join(indices)}] := {value})"
        return f"{name}{self.index(sorts, bound)} := {self.value(kind, bound, low, high)}"

    def make_property(self, number, actions):
        verb = self.chance.one_of(("always", "always", "sometimes", "eventually"))
        condition = self.condition([], 2)
        if verb == "always" and self.chance.once_in(3):
            sort = self.chance.one_of(sorted(self.sorts))
            left, right = self.condition([("x", sort)], 1), self.condition([("x", sort)], 1)
            condition = f"forall(x in {sort}: {left} => {right})"
        made = {"name": f"property{number}", verb: condition}
        if verb == "eventually" and self.chance.once_in(2):
            wanted = [action["name"] for action in actions if not action.get("fault")]
            made["fairness"] = self.chance.some_of(wanted, self.chance.below(3))
        return made

    def scenario(self):
        model = {"sorts": self.sorts}
        for number in range(self.chance.below(3)):
            self.make_machine(f"machine{number}")
        for number in range(self.chance.below(3) + (not self.machines)):
            self.make_variable(f"v{number}")
        if self.variables:
            model["variables"] = {name: one[0] for name, one in self.variables.items()}
        if self.machines:
            model["machines"] = self.machines
        made = (self.make_action(number) for number in range(1 + self.chance.below(4)))
        actions = [one for one in made if one]
        model["actions"] = actions
        properties = [self.make_property(number, actions) for number in range(1 + self.chance.below(4))]
        made = {"format": "portolan.scenario/1", "description": "made at random", "model": model,
                "properties": properties}
        if self.chance.once_in(3):
            made["goal"] = self.condition([], 2)
        return made


def scenario(seed, undefined=True):
    return ModelMaker(seed, undefined).scenario()
