# SPDX-License-Identifier: Apache-2.0
"""Fleets without migrations, read from docs/formats/scenario.md and docs/rules.md §fleet and §instance.

What the operator does with VMs that do not move (create, open, run, destroy, power cycle, write), with hosts (drain,
upgrade, downgrade), and what the world does to them (a host fails, a VM on it dies, the host recovers). The way of a
migration is not described closely enough to count its states, so `migrate_begin` has to be left out.
"""
import itertools

from catalogue_reader import Values, ends_of, equal, truth
from expressions import evaluate, parse
from model_reader import Exploration, verdict


class Setting:
    """A type with a value for each of its parameters."""

    def __init__(self, end, values):
        self.end, self.values = end, values
        self.key = (end.label,) + tuple(sorted((name, type(one).__name__, one) for name, one in values.items()))

    def __eq__(self, other):
        return isinstance(other, Setting) and self.key == other.key

    def __hash__(self):
        return hash(self.key)

    def fixes(self):
        """A parameter that mends a known fault is on."""
        return any(self.end.note(name, "fix-for", None) is not None and name in self.values
                   and not equal(self.values[name], one.off) for name, one in self.end.params.items())


def members(described, default):
    """The hosts or VMs of an entry: (name, entry, number within its group)."""
    for one in described:
        count = one.get("count")
        names = [one["name"]] if count is None else [f"{one['name']}{n}" for n in range(1, count + 1)]
        for number, name in enumerate(names):
            yield name, {**default, **one}, number


class Act:
    """An action of the fleet, as the exploration takes it."""

    def __init__(self, name, sorts, take, fault=False):
        self.name, self.sorts, self.take, self.fault = name, sorts, take, fault

    def choices(self, fleet):
        for chosen in itertools.product(*(fleet.choices[sort] for sort in self.sorts)):
            yield dict(enumerate(chosen))


class Fleet:
    """Hosts and VMs; a state is a tuple over `slots`."""

    def __init__(self, scenario, catalogue):
        described = scenario["fleet"]
        self.ends = ends_of(catalogue)
        self.drivers = list(dict.fromkeys(end.name for end in self.ends))
        self.hosts = {name: one for name, one, _ in members(described["hosts"], {})}
        self.vms = {name: one for name, one, _ in members(described["vms"], {"state": "running"})}
        self.rollout = scenario.get("rollout", {})
        self.groups = {name: one["name"] for name, one in self.vms.items()}
        self.sorts = {"host": list(self.hosts), "vm": list(self.vms), "driver": self.drivers,
                      "instance": ["Absent", "Closed", "Open"]}
        self.names = {one for elements in self.sorts.values() for one in elements}
        self.fixed = {}
        self.settings = self.all_settings()
        self.choices = {**self.sorts, "setting": self.settings}
        self.slots, initial = {}, []
        for (name, index), value in self.beginning(described, scenario):
            self.slots[name, index] = len(initial)
            initial.append(value)
        self.initial = tuple(initial)
        left_out = scenario.get("actions", {}).get("without", [])
        kinds = scenario.get("faults", {}).get("kinds", ["host_fails"])
        self.actions = [one for one in self.everything() if one.name not in left_out
                        and (not one.fault or one.name in kinds)]

    # ---- settings

    def given(self, vm, end):
        """What a VM is created with on a type: its parameters over the init values, or None where it is not taken."""
        values = {**end.init(), **self.vms[vm].get("parameters", {})}
        wanted = self.vms[vm].get("parameters", {})
        if any(name not in end.params or end.params[name].accepts(value) != "yes" for name, value in wanted.items()):
            return None
        return Setting(end, values) if end.allowed(values) else None

    def all_settings(self):
        found = []
        for vm in self.vms:
            for end in self.ends:
                one = self.given(vm, end)
                if one is None:
                    continue
                found.append(one)
                for name, values in self.vms[vm].get("may_set", {}).items():
                    found += [Setting(end, {**one.values, name: value}) for value in values if name in end.params]
        return list(dict.fromkeys(found))

    def may_have(self, vm, setting):
        return self.given(vm, setting.end) == setting

    def guest_sees(self, setting):
        """What looks alike: aspects that every implementation declares, else effective values of what the guest sees."""
        if all("interface" in end.notes for end in self.ends):
            shared = set.intersection(*(set(end.notes["interface"]) for end in self.ends))
            aspects = tuple((name, evaluate(parse(setting.end.notes["interface"][name]), Values(setting.values)))
                            for name in sorted(shared))
        else:
            aspects = ()
        shown = tuple((name, value) for name, value in sorted(setting.values.items())
                      if setting.end.note(name, "affects", "both") != "state"
                      and not equal(value, setting.end.params[name].off))
        return aspects + shown

    # ---- the beginning

    def beginning(self, described, scenario):
        for name, one in self.hosts.items():
            versions = [end.name for end in self.ends if end.implementation["name"] == one["implementation"]
                        and one.get("version") in (None, end.implementation.get("version"))]
            yield ("driver", (name,)), versions[0]
            yield ("up", (name,)), True
            yield ("draining", (name,)), False
        turn = {}
        for name, one in self.vms.items():
            running = one["state"] == "running"
            places = self.places(one, described)
            place = places[turn.get(self.groups[name], 0) % len(places)]
            turn[self.groups[name]] = turn.get(self.groups[name], 0) + 1
            driver = next(end.name for end in self.ends if end.implementation["name"] == self.hosts[place]["implementation"]
                          and self.hosts[place].get("version") in (None, end.implementation.get("version")))
            setting = next(self.given(name, end) for end in self.ends if end.name == driver and self.given(name, end))
            yield ("place", (name,)), place if running else None
            yield ("setting", (name,)), setting
            yield ("seen", (name,)), self.guest_sees(setting)
            yield ("instance", (name,)), "Open" if running else "Absent"
            yield ("instance.running", (name,)), running
            yield ("instance.fresh", (name,)), False
        yield ("faults-left", ()), scenario.get("faults", {}).get("budget", 0)

    def places(self, vm, described):
        wanted = vm.get("place", list(self.hosts))
        found = []
        for one in wanted if isinstance(wanted, list) else [wanted]:
            group = [name for name, entry, _ in members(described["hosts"], {}) if entry["name"] == one]
            found += [one] if one in self.hosts else group
        return found

    # ---- one state

    def fire(self, state, action, bound):
        seen = {key: state[slot] for key, slot in self.slots.items()}
        if not action.take(seen, *bound.values()):
            return None
        return tuple(seen[key] for key in self.slots)

    def room(self, state, host, setting):
        capacity = self.hosts[host].get("capacity", setting.end.available)
        if capacity is None:
            return True
        used = sum(1 for vm in self.vms if state["place", (vm,)] == host
                   and state["setting", (vm,)].end.label == setting.end.label)
        return used < capacity

    def others(self, vm):
        return [other for other in self.vms if other != vm and self.groups[other] == self.groups[vm]]

    def apart(self, state, vm, host):
        how = self.vms[vm].get("anti_affinity")
        places = [state["place", (other,)] for other in self.others(vm)]
        if not how:
            return True
        zone = self.hosts[host].get("zone")
        return host not in places and not (how == "zone" and zone is not None and any(
            place is not None and self.hosts[place].get("zone") == zone for place in places))

    def allowed(self, vm, host):
        def means(text):
            label, _, value = text.partition("=")
            one = self.hosts[host]
            return text in (host, one["name"]) or value and one.get("labels", {}).get(label) == value
        return "allowed" not in self.vms[vm] or any(means(text) for text in self.vms[vm]["allowed"])

    def fits(self, state, vm, host):
        def taken(name):
            return sum(self.vms[other].get("needs", {}).get(name, 0) for other in self.vms
                       if other == vm or state["place", (other,)] == host)
        return all(taken(name) <= amount for name, amount in self.hosts[host].get("amounts", {}).items())

    def enough_run(self, state, vm):
        running = sum(state["instance.running", (other,)] for other in self.others(vm))
        return running >= self.vms[vm].get("running_min", 0)

    def off(self, state, vm):
        state["place", (vm,)], state["instance", (vm,)] = None, "Absent"
        state["instance.running", (vm,)] = state["instance.fresh", (vm,)] = False
        return True

    def is_up(self, state, vm):
        place = state["place", (vm,)]
        return place is not None and state["up", (place,)]

    # ---- the actions

    def everything(self):
        return [
            Act("create", ["vm", "host", "setting"], self.create), Act("open", ["vm"], self.open),
            Act("run", ["vm"], self.run), Act("destroy", ["vm"], self.destroy),
            Act("power_cycle", ["vm"], self.power_cycle), Act("set_param", ["vm", "setting"], self.set_param),
            Act("drain", ["host"], self.drain), Act("undrain", ["host"], self.undrain),
            Act("upgrade", ["host", "driver"], self.upgrade), Act("downgrade", ["host", "driver"], self.downgrade),
            Act("host_fails", ["host"], self.host_fails, True), Act("host_recovers", ["host"], self.host_recovers),
            Act("vm_dies", ["vm"], self.vm_dies)]

    def create(self, state, vm, host, setting):
        if state["place", (vm,)] is not None or not state["up", (host,)] or state["draining", (host,)]:
            return False
        if state["driver", (host,)] != setting.end.name or not self.may_have(vm, setting):
            return False
        if not self.room(state, host, setting) or not self.apart(state, vm, host):
            return False
        if not self.allowed(vm, host) or not self.fits(state, vm, host):
            return False
        state["place", (vm,)], state["setting", (vm,)] = host, setting
        state["seen", (vm,)] = self.guest_sees(setting)
        state["instance", (vm,)], state["instance.fresh", (vm,)] = "Closed", True
        return True

    def open(self, state, vm):
        if not self.is_up(state, vm) or state["instance", (vm,)] != "Closed":
            return False
        state["instance", (vm,)] = "Open"
        return True

    def run(self, state, vm):
        if not self.is_up(state, vm) or state["instance", (vm,)] != "Open" or state["instance.running", (vm,)]:
            return False
        state["instance.running", (vm,)] = True
        return True

    def destroy(self, state, vm):
        return self.is_up(state, vm) and state["instance", (vm,)] == "Closed" and self.off(state, vm)

    def power_cycle(self, state, vm):
        if state["instance", (vm,)] != "Open":
            return False
        return (not state["instance.running", (vm,)] or self.enough_run(state, vm)) and self.off(state, vm)

    def set_param(self, state, vm, setting):
        old = state["setting", (vm,)]
        if not self.is_up(state, vm) or setting.end is not old.end:
            return False
        changed = [name for name in old.values if not equal(old.values[name], setting.values[name])]
        if len(changed) != 1 or setting.end.note(changed[0], "writable", "closed") != "runtime":
            return False
        if not any(equal(setting.values[changed[0]], one) for one in self.vms[vm].get("may_set", {}).get(changed[0], [])):
            return False
        state["setting", (vm,)], state["instance.fresh", (vm,)] = setting, False
        return True

    def drain(self, state, host):
        if state["draining", (host,)] or not state["up", (host,)]:
            return False
        down = sum(state["draining", (one,)] or not state["up", (one,)] for one in self.hosts)
        if down >= self.rollout.get("hosts_down_max", len(self.hosts)):
            return False
        zone = self.hosts[host].get("zone")
        if zone is not None:
            near = sum(state["draining", (one,)] or not state["up", (one,)] for one in self.hosts
                       if self.hosts[one].get("zone") == zone)
            if near >= self.rollout.get("hosts_down_in_zone_max", len(self.hosts)):
                return False
        state["draining", (host,)] = True
        return True

    def undrain(self, state, host):
        if not state["draining", (host,)]:
            return False
        state["draining", (host,)] = False
        return True

    def empty(self, state, host):
        return all(state["place", (vm,)] != host for vm in self.vms)

    def other_version(self, state, host, driver, later):
        old = state["driver", (host,)]
        names = {end.name: end.implementation["name"] for end in self.ends}
        order = self.drivers.index(driver) - self.drivers.index(old)
        if names[old] != names[driver] or (order <= 0 if later else order >= 0):
            return False
        if not state["draining", (host,)] or not state["up", (host,)] or not self.empty(state, host):
            return False
        state["driver", (host,)], state["draining", (host,)] = driver, False
        return True

    def upgrade(self, state, host, driver):
        return self.other_version(state, host, driver, True)

    def downgrade(self, state, host, driver):
        return self.other_version(state, host, driver, False)

    def host_fails(self, state, host):
        if not state["up", (host,)] or not state["faults-left", ()]:
            return False
        state["up", (host,)] = state["draining", (host,)] = False
        state["faults-left", ()] -= 1
        return True

    def host_recovers(self, state, host):
        if state["up", (host,)] or not self.empty(state, host):
            return False
        state["up", (host,)] = True
        return True

    def vm_dies(self, state, vm):
        place = state["place", (vm,)]
        return place is not None and not state["up", (place,)] and self.off(state, vm)


def answer(question, most=6000):
    """What explore should say of a scenario and its catalogue."""
    scenario = question["scenario"]
    fleet = Fleet(scenario, question["catalogue"])
    exploration = Exploration(fleet, most)
    verdicts = {one["name"]: verdict(exploration, one) for one in scenario.get("properties", [])}
    if "goal" in scenario:
        verdicts["goal-is-reachable"] = verdict(exploration, {"sometimes": scenario["goal"]})
        verdicts["goal-stays-reachable"] = verdict(exploration, {"eventually": scenario["goal"]})
    return {"states": len(exploration.states), "transitions": exploration.transitions, "depth": exploration.depth,
            "verdicts": verdicts}
