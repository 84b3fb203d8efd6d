# SPDX-License-Identifier: Apache-2.0
"""The kinds of input that are compared: how one is made, what the reader says of it, how the program is asked."""
import json
import subprocess

import catalogue_reader
import declared_reader
import fleet_reader
import generate_catalogues
import generate_declared
import generate_fleets
import generate_models
import model_reader
import properties_reader


# Disagreements that were reported and are not mended yet: their inputs are not made, or their answers not compared,
# unless --known names them. When the program is mended the word goes away, and with it what reads it.
KNOWN = ("alike-ends",)


class Unsuitable(Exception):
    """An input that the reader was not made for, such as one with too many states."""


def run(arguments, seconds=120):
    """Exit status, and what was printed as JSON; a refusal is {"refused": message}."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=seconds, check=False)
    if not done.stdout.strip():
        return done.returncode, {"refused": f"exit status {done.returncode}: {done.stderr.strip()}"}
    return done.returncode, json.loads(done.stdout)


class Kind:
    """A kind of input: `make` one of a seed, `answer` as the reader does, `ask` the program."""

    def excused(self, mine, theirs):
        """What the program says, without what is known to differ."""
        del mine
        return theirs


def explore(scenario, portolan, folder):
    """Exit status, and what explore says of a scenario."""
    file = folder / "scenario.json"
    file.write_text(json.dumps(scenario), encoding="utf-8")
    status, said = run([portolan, "explore", str(file), "--json", "--no-store", "--symmetry", "off", "--no-minimise"])
    if "refused" in said:
        return status, said
    return status, {"states": said["states"], "transitions": said["transitions"], "depth": said["depth"],
                    "verdicts": {one["name"]: one["verdict"] for one in said["properties"]}}


class Models(Kind):
    """Scenarios with a model of their own: `explore`."""

    def __init__(self, options):
        pass

    @staticmethod
    def make(seed):
        return generate_models.scenario(seed)

    @staticmethod
    def answer(scenario):
        try:
            return model_reader.answer(scenario)
        except model_reader.TooLarge as why:
            raise Unsuitable(str(why)) from why

    @staticmethod
    def ask(scenario, portolan, folder):
        status, said = explore(scenario, portolan, folder)
        return said if "refused" in said else {**said, "status": status}


class Fleets(Kind):
    """Fleets without migrations: `explore`."""

    def __init__(self, options):
        pass

    @staticmethod
    def make(seed):
        return generate_fleets.question(seed)

    @staticmethod
    def answer(question):
        try:
            return fleet_reader.answer(question)
        except model_reader.TooLarge as why:
            raise Unsuitable(str(why)) from why

    @staticmethod
    def ask(question, portolan, folder):
        (folder / "catalogue.json").write_text(json.dumps(question["catalogue"]), encoding="utf-8")
        wanted = {one["name"] for one in question["scenario"].get("properties", [])}
        if "goal" in question["scenario"]:
            wanted |= {"goal-is-reachable", "goal-stays-reachable"}
        _, said = explore(question["scenario"], portolan, folder)
        if "refused" in said:
            return said
        said["verdicts"] = {name: one for name, one in said["verdicts"].items() if name in wanted}
        return said


class Catalogues(Kind):
    """Catalogues: `matrix` under both schemes, and one `compat`."""

    def __init__(self, options):
        self.known = options.known

    def make(self, seed):
        return generate_catalogues.question(seed)

    def told(self, question, verdicts):
        """Properties as they are compared."""
        if "alike-ends" not in self.known and catalogue_reader.some_alike(question["catalogue"]):
            verdicts = {name: verdict for name, verdict in verdicts.items() if name != "path-independent"}
        return {name: properties_reader.told(name, verdict) for name, verdict in verdicts.items()}

    def answer(self, question):
        ends = catalogue_reader.ends_of(question["catalogue"])
        source, destination = (end_of(ends, question[side]) for side in ("from", "to"))
        values = {**source.init(), **question["set"]}
        try:
            said = {f"matrix {scheme}": catalogue_reader.matrix(question["catalogue"], scheme == "rfc-v3-strict")
                    for scheme in SCHEMES}
            said["check"] = self.told(question, properties_reader.properties(question["catalogue"]))
        except catalogue_reader.TooLarge as why:
            raise Unsuitable(str(why)) from why
        refused = any(source.params[name].accepts(value) == "no" for name, value in question["set"].items())
        if refused or not source.possible(values):
            said["compat"] = {"verdict": "the source refuses"}
        else:
            said["compat"] = catalogue_reader.compat(source, values, destination, question["scheme"] == "rfc-v3-strict")
        return said

    def ask(self, question, portolan, folder):
        file = folder / "catalogue.json"
        file.write_text(json.dumps(question["catalogue"]), encoding="utf-8")
        said = {}
        for scheme in SCHEMES:
            _, found = run([portolan, "matrix", str(file), "--json", "--scheme", scheme])
            if "refused" in found:
                return found
            said[f"matrix {scheme}"] = {f"{one['model']}: {one['source']} -> {one['destination']}":
                                        [one["fresh"], one["relation"]] for one in found["pairs"]}
        _, found = run([portolan, "check", str(file), "--json"])
        if "refused" in found:
            return found
        said["check"] = self.told(question, {one["name"]: one["verdict"] for one in found["properties"]
                                   if one["name"] in properties_reader.PROPERTIES})
        status, found = run([portolan, "compat", "--json", "--scheme", question["scheme"]] + ask_of(question, file))
        if "the source refuses" in found.get("refused", ""):
            return {**said, "compat": {"verdict": "the source refuses"}}
        if "refused" in found:
            return found
        said["compat"] = {"verdict": found["verdict"], "list": found["list"],
                          "reasons": reasons_of(found)}
        if "prepared" in found:
            said["compat"]["prepared"] = found["prepared"]
        if status != {"accept": 0, "reject": 1, "undetermined": 3}[found["verdict"]]:
            said["compat"]["status"] = status
        return said


class Declared(Kind):
    """Catalogues with everything that the scheme `declared` looks at: one `compat` at a profile, or at none."""

    def __init__(self, options):
        pass

    @staticmethod
    def make(seed):
        return generate_declared.question(seed)

    @staticmethod
    def answer(question):
        ends = catalogue_reader.ends_of(question["catalogue"])
        source, destination = (end_of(ends, question[side]) for side in ("from", "to"))
        profile = question.get("profile")
        values = declared_reader.expanded(source, profile) if profile else {**source.init(), **question["set"]}
        if not profile and not source.possible(values):
            return {"verdict": "the source refuses"}
        return declared_reader.declared(question["catalogue"], source, values, destination, profile,
                                        question["arrived"], ends)

    @staticmethod
    def ask(question, portolan, folder):
        file = folder / "catalogue.json"
        file.write_text(json.dumps(question["catalogue"]), encoding="utf-8")
        asked = ["--profile", question["profile"]] if "profile" in question else []
        asked += ["--arrived"] if question["arrived"] else []
        _, found = run([portolan, "compat", "--json", "--scheme", "declared"] + asked + ask_of(question, file))
        if "the source refuses" in found.get("refused", ""):
            return {"verdict": "the source refuses"}
        if "refused" in found:
            return found
        return {"verdict": found["verdict"], "reasons": reasons_of(found)}


SCHEMES = ("rfc-v3", "rfc-v3-strict")


def end_of(ends, named):
    version, kind = named
    return next(one for one in ends if one.implementation["version"] == version and one.type == kind)


def reasons_of(found):
    """The reasons of a compat as a set of [rule, parameter]."""
    return sorted(map(list, {(one["rule"], one["parameter"]) for one in found["reasons"]}), key=str)


def written(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def ask_of(question, file):
    """The arguments of compat."""
    (source, kind), (destination, to_kind) = question["from"], question["to"]
    found = ["--from", f"{file}#card@{source}", "--to", f"{file}#card@{destination}"]
    found += ["--type", kind] if kind else []
    found += ["--to-type", to_kind] if to_kind else []
    for name, value in question["set"].items():
        found += ["--set", f"{name}={written(value)}"]
    return found


KINDS = {"model": Models, "catalogue": Catalogues, "declared": Declared, "fleet": Fleets}
