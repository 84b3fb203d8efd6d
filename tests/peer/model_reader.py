# SPDX-License-Identifier: Apache-2.0
"""A scenario with a `model:` of its own, read from docs/formats/scenario.md alone and explored state by state.

`answer(scenario)` says what `portolan explore --json --symmetry off` should say: states, transitions, depth, the
verdict of each property, the exit status. Slow and plain on purpose: a state is a tuple, a search is a queue.
"""
import itertools
import re

from expressions import Malformed, Parser, Undefined, evaluate, parse


class TooLarge(Exception):
    """More states than this reader is made for."""


def split(text):
    """The parts of a text between semicolons that stand outside of parentheses."""
    depth, parts, begin = 0, [], 0
    for place, character in enumerate(text):
        depth += character in "([{"
        depth -= character in ")]}"
        if character == ";" and depth == 0:
            parts.append(text[begin:place])
            begin = place + 1
    return [part for part in parts + [text[begin:]] if part.strip()]


class Domain:
    """The values of a variable: `bool`, `low..high`, a sort, or a sort with `?`."""

    def __init__(self, text, sorts):
        text = text.strip()
        if text == "bool":
            self.values = [False, True]
        elif ".." in text:
            low, high = (int(part) for part in text.split(".."))
            self.values = list(range(low, high + 1))
        elif text.endswith("?"):
            self.values = [None] + sorts[text[:-1].strip("`")]
        else:
            self.values = list(sorts[text.strip("`")])

    def has(self, value):
        return any(type(value) is type(one) and value == one for one in self.values)


def machine_domain(described):
    if "low" in described or "high" in described:
        return Domain(f"{described.get('low', 0)}..{described['high']}", {})
    return Domain("bool", {})


class Machine:
    """A table of rows, with a copy for each element of its index."""

    def __init__(self, name, described, sorts):
        if "machine" in described:
            raise TooLarge("a built-in machine")
        self.name, self.states = name, described["states"]
        self.initial = described.get("initial", self.states[0])
        self.index = [described["index"].strip()] if "index" in described else []
        self.kinds = {one: (has["role"], machine_domain(has)) for one, has in described.get("variables", {}).items()}
        self.rows = [(row["from"], row["event"], row["to"], parse(row["guard"]) if "guard" in row else None,
                      assignments(row.get("update", ""))) for row in described["rows"]]
        self.events = {row[1] for row in self.rows}
        sorts[name] = list(self.states)

    def answers(self, state, event, scope):
        """The rows that would answer, in their order; the first of them does."""
        return [row for row in self.rows if row[0] == state and row[1] == event
                and (row[3] is None or evaluate(row[3], scope))]


def assignments(text):
    """`name := value; …` of a machine's row."""
    return [(part.split(":=", 1)[0].strip().strip("`"), parse(part.split(":=", 1)[1])) for part in split(text)]


class RowScope:
    """What a row sees: the copy's own variables and the inputs of the event."""

    def __init__(self, values):
        self.values = values

    def name(self, name):
        if name not in self.values:
            raise Malformed(f"a row does not know {name}")
        return self.values[name]


class StateScope:
    """What conditions see of one state."""

    def __init__(self, model, state):
        self.model, self.state = model, state

    def elements(self, sort):
        return self.model.sorts[sort]

    def name(self, name):
        if (name, ()) in self.model.slots or (name, ()) in self.model.fixed:
            return self.read(name, ())
        if name in self.model.names:
            return name
        raise Malformed(f"nothing is called {name}")

    def indexed(self, name, values):
        return self.read(name, tuple(values))

    def read(self, name, index):
        if None in index:
            raise Undefined(f"{name}[none]")
        slot = self.model.slots.get((name, index))
        if slot is not None:
            return self.state[slot]
        if (name, index) in self.model.fixed:
            return self.model.fixed[name, index]
        raise Malformed(f"nothing is called {name}{list(index)}")


class Action:
    """A named change: parameters, a guard, steps of machines and updates, all at once."""

    def __init__(self, described, model):
        self.name, self.fault = described["name"], described.get("fault", False)
        self.parameters = []
        for part in described.get("parameters", "").split(","):
            if part.strip():
                variable, sort = (one.strip().strip("`") for one in part.split(":"))
                self.parameters.append((variable, sort))
        self.guard = parse(described["guard"]) if "guard" in described else None
        self.steps = [self.read_step(part, model) for part in split(described.get("steps", ""))]
        self.updates = [self.read_update(part) for part in split(described.get("update", ""))]

    @staticmethod
    def read_step(text, model):
        """(machine, index expressions, event, inputs) of `leaf[d].open(ok: condition)`."""
        parser = Parser(text)
        machine = parser.name()
        indices = parser.indices()
        if indices:
            parser.need(".")
            event = parser.name()
        else:
            machine, event = machine.rsplit(".", 1)
        inputs = {}
        if parser.take("("):
            while not parser.take(")"):
                name = parser.name()
                parser.need(":")
                inputs[name] = parser.condition()
                parser.take(",")
        parser.end()
        return model.machines[machine], indices, event, inputs

    @staticmethod
    def read_update(text):
        """(loops, variable, indices, value) of `forall(x in door: heavy[x] := false)`."""
        loops = []
        while True:
            loop = re.match(r"\s*forall\s*\(\s*([\w.-]+)\s+in\s+([\w.-]+)\s*:(.*)\)\s*$", text, re.DOTALL)
            if not loop:
                break
            loops.append((loop[1], loop[2]))
            text = loop[3]
        target, value = text.split(":=", 1)
        parser = Parser(target)
        name = parser.name()
        indices = parser.indices()
        parser.end()
        return loops, name, indices, parse(value)

    def choices(self, model):
        for chosen in itertools.product(*(model.sorts[sort] for _, sort in self.parameters)):
            yield dict(zip((name for name, _ in self.parameters), chosen))


class Model:
    """Sorts, variables, machines and actions; states are tuples over `slots`."""

    def __init__(self, described):
        self.sorts = {}
        for name, elements in described.get("sorts", {}).items():
            self.sorts[name] = ([f"{name}{n}" for n in range(1, elements + 1)] if isinstance(elements, int)
                                else [str(one) for one in elements])
        self.machines = {name: Machine(name, one, self.sorts) for name, one in described.get("machines", {}).items()}
        self.slots, self.domains, self.fixed, self.initial = {}, [], {}, []
        for name, one in described.get("variables", {}).items():
            self.add_variable(name, one)
        for name, machine in self.machines.items():
            self.add_machine(name, machine)
        self.names = {element for elements in self.sorts.values() for element in elements}
        self.initial = tuple(self.initial)
        self.actions = [Action(one, self) for one in described.get("actions", [])]

    def indices(self, sorts):
        return itertools.product(*(self.sorts[sort] for sort in sorts))

    def add_slot(self, name, index, domain, value):
        self.slots[name, index] = len(self.domains)
        self.domains.append(domain)
        self.initial.append(value)

    def add_variable(self, name, described):
        domain = Domain(described["domain"], self.sorts)
        index = [part.strip().strip("`") for part in described.get("index", "").split(",") if part.strip()]
        for one in self.indices(index):
            value = described.get("initial", domain.values[0])
            for element in one:
                if isinstance(value, dict):
                    value = value.get(element, domain.values[0])
            value = None if value == "none" and domain.has(None) else value
            if described.get("fixed"):
                self.fixed[name, one] = value
            else:
                self.add_slot(name, one, domain, value)

    def add_machine(self, name, machine):
        for one in self.indices(machine.index):
            self.add_slot(name, one, Domain(name, self.sorts), machine.initial)
            for variable, (role, domain) in machine.kinds.items():
                if role == "state":
                    self.add_slot(f"{name}.{variable}", one, domain, domain.values[0])
                elif role == "fixed":
                    self.fixed[f"{name}.{variable}", one] = domain.values[0]

    def write(self, written, name, index, value):
        """One value for one variable: none as an index, a foreign value and a second value have no meaning."""
        if None in index:
            raise Undefined(f"{name}[none]")
        slot = self.slots[name, index]
        if not self.domains[slot].has(value):
            raise Undefined(f"{name}{list(index)} := {value}")
        if slot in written and written[slot] != value:
            raise Undefined(f"two values for {name}{list(index)}")
        written[slot] = value

    def step(self, written, step, scope, bound):
        """Takes one step of a machine; False when no row answers."""
        machine, indices, event, inputs = step
        index = tuple(evaluate(one, scope, bound) for one in indices)
        if None in index:
            raise Undefined(f"{machine.name}[none]")
        if event == "new" and "new" not in machine.events:
            self.write(written, machine.name, index, machine.initial)
            for variable, (role, domain) in machine.kinds.items():
                if role == "state":
                    self.write(written, f"{machine.name}.{variable}", index, domain.values[0])
            return True
        values = {}
        for variable, (role, domain) in machine.kinds.items():
            if role == "input":
                values[variable] = evaluate(inputs[variable], scope, bound) if variable in inputs else domain.values[0]
                if not domain.has(values[variable]):
                    raise Undefined(f"the input {variable}")
            else:
                values[variable] = scope.read(f"{machine.name}.{variable}", index)
        rows = machine.answers(scope.read(machine.name, index), event, RowScope(values))
        if not rows:
            return False
        self.write(written, machine.name, index, rows[0][2])
        new = {variable: value for variable, value in values.items() if machine.kinds[variable][0] == "state"}
        new.update({variable: evaluate(value, RowScope(values)) for variable, value in rows[0][4]})
        for variable, value in new.items():
            self.write(written, f"{machine.name}.{variable}", index, value)
        return True

    def fire(self, state, action, bound):
        """The state after an action, or None where it cannot be taken; Undefined where it has no meaning."""
        scope, written = StateScope(self, state), {}
        if action.guard is not None and not evaluate(action.guard, scope, bound):
            return None
        for step in action.steps:
            if not self.step(written, step, scope, bound):
                return None
        for loops, name, indices, value in action.updates:
            for chosen in itertools.product(*(self.sorts[sort] for _, sort in loops)):
                names = {**bound, **dict(zip((one for one, _ in loops), chosen))}
                index = tuple(evaluate(one, scope, names) for one in indices)
                self.write(written, name, index, evaluate(value, scope, names))
        after = list(state)
        for slot, value in written.items():
            after[slot] = value
        return tuple(after)


class Exploration:
    """Every reachable state, breadth first."""

    def __init__(self, model, most):
        self.model, self.states, self.edges = model, {model.initial: 0}, {}
        self.transitions, self.undefined = 0, []
        queue = [model.initial]
        for state in queue:
            self.edges[state] = []
            for action in model.actions:
                for bound in action.choices(model):
                    self.look(state, action, bound, queue)
            if len(queue) > most:
                raise TooLarge(f"more than {most} states")
        self.depth = max(self.states.values())

    def look(self, state, action, bound, queue):
        try:
            after = self.model.fire(state, action, bound)
        except Undefined as why:
            self.undefined.append((state, action.name, bound, str(why)))
            return
        if after is None:
            return
        self.transitions += 1
        self.edges[state].append((action, tuple(bound.values()), after))
        if after not in self.states:
            self.states[after] = self.states[state] + 1
            queue.append(after)

    def holds(self, tree, state, bound=None):
        """Whether a condition is true in a state; one that has no value there is not."""
        try:
            return evaluate(tree, StateScope(self.model, state), bound)
        except Undefined:
            return False

    def can_reach(self, good):
        """The states from which one of `good` is reached without a fault."""
        before = {}
        for state, edges in self.edges.items():
            for action, _, after in edges:
                if not action.fault:
                    before.setdefault(after, []).append(state)
        found, queue = set(good), list(good)
        for state in queue:
            for earlier in before.get(state, ()):
                if earlier not in found:
                    found.add(earlier)
                    queue.append(earlier)
        return found

    def components(self, within):
        """The strongly connected parts of the graph of these states; a state by itself is one."""
        reach = {}
        for state in within:
            seen, queue = {state}, [state]
            for one in queue:
                for _, _, after in self.edges[one]:
                    if after in within and after not in seen:
                        seen.add(after)
                        queue.append(after)
            reach[state] = seen
        left = set(within)
        while left:
            state = left.pop()
            part = {other for other in reach[state] if state in reach[other]}
            left -= part
            yield part

    def put_off(self, bad, fair):
        """Whether a run may stay in `bad` for ever, although no fair action stays enabled without being taken."""
        for part in self.components(bad):
            enabled = None
            taken = set()
            for state in part:
                here = {(action.name, chosen) for action, chosen, _ in self.edges[state] if action.name in fair}
                enabled = here if enabled is None else enabled & here
                taken |= {(action.name, chosen) for action, chosen, after in self.edges[state] if after in part}
            if not enabled - taken:
                return True
        return False


def left_sides(tree):
    """The premise whose falsehood everywhere makes a property vacuous, with the loops around it, or None."""
    loops = []
    while tree[0] in ("()", "forall"):
        if tree[0] == "forall":
            loops.append((tree[3], tree[4]))
        tree = tree[-1]
    return (loops, tree[3]) if tree[0] == "=>" else None


def vacuous(exploration, tree):
    found = left_sides(tree)
    if not found:
        return False
    loops, left = found
    for state in exploration.states:
        for chosen in itertools.product(*(exploration.model.sorts[sort] for _, sort in loops)):
            if exploration.holds(left, state, dict(zip((name for name, _ in loops), chosen))):
                return False
    return True


def verdict(exploration, described):
    verb = next(one for one in ("always", "sometimes", "eventually") if one in described)
    tree = parse(described[verb])
    good = [state for state in exploration.states if exploration.holds(tree, state)]
    if verb == "sometimes":
        return "holds" if good else "violated"
    if verb == "always":
        kept = len(good) == len(exploration.states)
    elif "fairness" in described:
        kept = not exploration.put_off(set(exploration.states) - set(good), set(described["fairness"]))
    else:
        kept = len(exploration.can_reach(good)) == len(exploration.states)
    if not kept:
        return "violated"
    return "vacuous" if vacuous(exploration, tree) else "holds"


def answer(scenario, most=2000):
    """What explore should say of this scenario."""
    exploration = Exploration(Model(scenario["model"]), most)
    asked = list(scenario.get("properties", []))
    if "goal" in scenario:
        asked.append({"name": "goal-is-reachable", "sometimes": scenario["goal"]})
        asked.append({"name": "goal-stays-reachable", "eventually": scenario["goal"]})
    verdicts = {one["name"]: verdict(exploration, one) for one in asked}
    verdicts["well-defined"] = "violated" if exploration.undefined else "holds"
    return {"states": len(exploration.states), "transitions": exploration.transitions, "depth": exploration.depth,
            "verdicts": verdicts, "status": int("violated" in verdicts.values())}
