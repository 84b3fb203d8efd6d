# SPDX-License-Identifier: Apache-2.0
"""Random small fleets whose VMs do not migrate: two drivers of one card, one to three hosts, one or two VMs."""
from generate_models import Chance

MODEL = "example.org/card"
PROPERTIES = ("forall(v in vm: place[v] != none => up[place[v]])", "exists(h in host: draining[h])",
              "count(v in vm: instance.running[v]) < 2", "forall(h in host: up[h] && !draining[h])",
              "exists(v in vm: instance[v] == Closed)", "faults-left > 0",
              "forall(h in host: driver[h] == `card@1`)", "forall(v in vm: instance.fresh[v] => instance[v] != Absent)")


class FleetMaker:
    """One scenario with its catalogue."""

    def __init__(self, seed):
        self.chance = Chance(seed)
        self.versions = 1 + self.chance.below(3)
        self.switch, self.memory = self.chance.once_in(2), self.chance.once_in(2)

    def params(self, version):
        made = {"lanes": {"type": "int", "init_value": 1, "off_value": 0, "allowed_values": ["0-3"]}}
        if self.switch and version > 1:
            made["fix"] = {"type": "bool", "init_value": self.chance.once_in(2), "off_value": False,
                           "allowed_values": [False, True]}
        return made

    def implementation(self, version):
        made = {"name": "card", "version": str(version),
                "migration_info": {"models": {MODEL: {"params": self.params(version)}}}}
        if self.switch and version > 1:
            made["models"] = {MODEL: {"params": {"fix": {"writable": "runtime", "affects": "state"}}}}
        return made

    def host(self, name):
        made = {"name": name, "implementation": "card", "version": str(1 + self.chance.below(self.versions))}
        if self.chance.once_in(3):
            made["capacity"] = 1 + self.chance.below(2)
        if self.chance.once_in(3):
            made["count"] = 1 + self.chance.below(2)
        if self.memory:
            made["amounts"] = {"memory": self.chance.below(4)}
        if self.chance.once_in(3):
            made["zone"] = self.chance.one_of(("east", "west"))
        if self.chance.once_in(2):
            made["labels"] = {"tier": self.chance.one_of(("gold", "tin"))}
        return made

    def vm(self, name, hosts):
        made = {"name": name}
        if self.chance.once_in(3):
            made["state"] = "absent"
        if self.chance.once_in(2):
            made["place"] = self.chance.one_of(hosts)["name"]
        if self.chance.once_in(3):
            made["parameters"] = {"lanes": self.chance.below(4)}
        if self.chance.once_in(4):
            made["count"] = 1 + self.chance.below(2)
            made["anti_affinity"] = self.chance.one_of((True, False, "host", "zone"))
            if self.chance.once_in(2):
                made["running_min"] = self.chance.below(made["count"] + 1)
        if self.memory and self.chance.once_in(2):
            made["needs"] = {"memory": self.chance.below(3)}
        if self.chance.once_in(4):
            words = [host["name"] for host in hosts] + ["tier=" + host["labels"]["tier"] for host in hosts
                                                        if "labels" in host]
            made["allowed"] = self.chance.some_of(words, 1 + self.chance.below(2))
        if self.switch and self.versions > 1 and self.chance.once_in(3):
            made["may_set"] = {"fix": self.chance.one_of(([True], [False], [True, False]))}
        return made

    def question(self):
        hosts = [self.host(name) for name in ("left", "right")[:1 + self.chance.below(2)]]
        vms = [self.vm(name, hosts) for name in ("guest", "other")[:1 + self.chance.below(4) // 3]]
        left_out = ["migrate_begin"] + self.chance.some_of(
            ("power_cycle", "upgrade", "downgrade", "undrain", "drain", "destroy", "set_param"), self.chance.below(3))
        made = {"format": "portolan.scenario/1", "description": "made at random", "catalogue": "catalogue.json",
                "fleet": {"hosts": hosts, "vms": vms}, "actions": {"without": left_out}}
        if self.chance.once_in(3):
            made["rollout"] = {self.chance.one_of(("hosts_down_max", "hosts_down_in_zone_max")): 1}
        if self.chance.once_in(3):
            made["faults"] = {"budget": 1 + self.chance.below(2), "kinds": ["host_fails"]}
        if self.chance.once_in(2):
            made["goal"] = self.chance.one_of(PROPERTIES)
        made["properties"] = [{"name": f"property{n}", self.chance.one_of(("always", "sometimes", "eventually")): one}
                              for n, one in enumerate(self.chance.some_of(PROPERTIES, 2))]
        return {"scenario": made, "catalogue": {"format": "portolan.catalogue/1", "implementations": [
            self.implementation(version) for version in range(1, self.versions + 1)]}}


def question(seed):
    return FleetMaker(seed).question()
