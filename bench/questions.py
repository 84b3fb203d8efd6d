# SPDX-License-Identifier: Apache-2.0
"""What bench/answers asks of a program: the questions, and the files that they are about.

A question is a list of steps that are taken one after the other in a folder of their own; a step is a list of words
as a shell has them, where `<` and `>` before the last word redirect, and a last word `&` leaves a device running. Which
scenarios have which properties, and which catalogues which implementations, is asked of the old program, so that
nothing here has to read YAML.
"""
import io
import itertools
import json
import os
import re
import shlex
import tarfile

from random_catalogues import random_catalogues

SCHEMES = ("none", "mdev-type", "version-string", "semver", "profile", "rfc-v1", "rfc-v3", "rfc-v3-strict",
           "subsections", "min-max", "observed")
COMMANDS = ("", "check", "compat", "matrix", "schemes", "diff", "impact", "baseline", "fsm", "fsm table", "fsm path",
            "fsm diagram", "explore", "plan", "plan show", "plan verify", "sim", "sim run", "sim replay", "sim status",
            "sim query", "db", "db list", "db show", "apply", "status", "journal", "device", "device info",
            "device migrate")
LEVELS = ("backward", "forward", "full", "backward-transitive", "forward-transitive", "full-transitive")
DEVICE_STATES = ("ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P")
FLAGS = ("stop_copy", "stop_copy,p2p", "stop_copy,pre_copy", "stop_copy,p2p,pre_copy")
IN_A_FILE = 5  # random catalogues: what `schemes` prints grows with the square
# Faults of requests, not of data: how much is on its way when a transfer is cut off differs from run to run.
FAULTS = ("", "fail-hop:state=RESUMING", "fail-hop:state=RUNNING", "fail-hop:at=1,leaves=error",
          "fail-hop:at=2,leaves=error", "fail-hop:at=3,errno=EBUSY", "forgiving")
SOURCE_FAULTS = ("fail-hop:state=STOP_COPY", "fail-hop:state=PRE_COPY", "fail-hop:at=2,leaves=error",
                 "fail-hop:at=3", "short-reads:bytes=1000", "padded-reads")
LARGE = 300_000  # states that are looked at of a scenario which is made to be large


def portolan(*words):
    return ["portolan", *words]


# ---- files


def repository_files(root):
    """Path to content of every file that a question may be about, as paths below the root."""
    found = {}
    for top in ("scenarios", "bench/scenarios", "tests/model/corpus", "tests/cli/golden"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, root)] = file.read()
    packed = found["scenarios/qemu/migration-info.tar.xz"]
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            if member.isfile():
                found[os.path.normpath("scenarios/qemu/" + member.name)] = archive.extractfile(member).read()
    found["devices/fleet.json"] = json.dumps(SMALL_FLEET).encode()
    for number, fault in enumerate(FAULTS):
        found[f"devices/inventory-{number}.json"] = json.dumps(inventory(fault)).encode()
    found["walk.txt"] = b"1\n1\n2\nshow\npath\nback\nforward\n1\n1\nnonsense\njump\npath\nquit\n"
    return found


SMALL_FLEET = {
    "format": "portolan.scenario/1",
    "description": "two hosts, one VM on the first; the second is upgraded, the VM moves, the first is upgraded",
    "catalogue": "../scenarios/fleet/drivers.yaml",
    "fleet": {"hosts": [{"name": "host", "count": 2, "implementation": "acme-gfx", "version": "1"}],
              "vms": [{"name": "web", "parameters": {"memory": 8192}, "place": "host1"}]},
    "goal": "forall(h in host: driver[h] == `acme-gfx@2`) && place[web] != none",
    "actions": {"without": ["power_cycle"]},
    "faults": {"budget": 1, "kinds": ["device_error"]},
}


def device(version, *more):
    return ["portolan-device", "--model", f"scenarios/fleet/acme-gfx-{version}.json", "--state-size", "1M",
            "--seed", "9", *more]


def inventory(fault):
    """Of the small fleet; the second host's new driver has the fault."""
    drivers = {"acme-gfx@1": device(1), "acme-gfx@2": device(2)}
    faulty = {**drivers, "acme-gfx@2": device(2, *(["--fault", fault] if fault else []))}
    return {"format": "portolan.inventory/1",
            "hosts": {"host1": {"directory": "host1", "drivers": drivers},
                      "host2": {"directory": "host2", "drivers": faulty}},
            "vms": {"web": {"device": "vfio-user:host1/web.sock"}}}


def files_less_a_line(found):
    """Every scenario and catalogue in YAML without one of its lines, beside copies of what it refers to."""
    made = {}
    for path, content in found.items():
        folder, name = os.path.split(path)
        if folder not in ("scenarios/fleet", "scenarios/models", "scenarios/schemes", "scenarios/examples",
                          "scenarios/proofs"):
            continue
        made[f"less/{path}"] = content
        if not name.endswith(".yaml"):
            continue
        lines = content.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            if not line.startswith(b"#"):
                less = b"".join(lines[:number - 1] + lines[number:])
                made[f"less/{folder}/less-{number}-{name}"] = less
    return made


def random_files(seed, catalogues):
    """Path to content of files with so many random catalogues in all."""
    return {f"random/{first:06}.json":
            json.dumps(random_catalogues(seed, first, min(IN_A_FILE, catalogues - first)), indent=1).encode()
            for first in range(0, catalogues, IN_A_FILE)}


# ---- questions


def about_words():
    """Help, and what needs no file."""
    for command in COMMANDS:
        yield [portolan(*command.split(), "--help")]
        yield [portolan(*command.split())]
        yield [portolan(*command.split(), "--no-such-option")]
    yield [["portolan-device", "--help"]]
    yield [portolan("--version")]
    for flags in FLAGS + ("p2p", "pre_copy", "nonsense"):
        for form in ("text", "json", "csv"):
            yield [portolan("fsm", "table", "--flags", flags, "--format", form)]
        for machine, form in itertools.product(("device", "instance", "session"), ("mermaid", "dot")):
            yield [portolan("fsm", "diagram", "--machine", machine, "--flags", flags, "--format", form)]
    for flags, begin, end in itertools.product(FLAGS, DEVICE_STATES, DEVICE_STATES):
        yield [portolan("fsm", "path", begin, end, "--flags", flags)]
        yield [portolan("fsm", "path", begin, end, "--flags", flags, "--json")]


def about_devices():
    """A state that is moved, and a plan that is carried out, with faults on either side."""
    ends = ["--from", "vfio-user:a.sock", "--to", "vfio-user:b.sock"]
    for at_source, at_destination in [("", fault) for fault in FAULTS] + [(fault, "") for fault in SOURCE_FAULTS]:
        one, other = (["--fault", fault] if fault else [] for fault in (at_source, at_destination))
        for more in (["--json"], ["--no-pre-copy"], ["--progress", "json"]):
            yield [device(1, "--socket", "a.sock", "--m-memory=8192", *one, "&"),
                   device(1, "--socket", "b.sock", "--m-memory=8192", *other, "&"),
                   portolan("device", "migrate", *ends, *more),
                   portolan("device", "info", "vfio-user:b.sock"),
                   portolan("device", "info", "vfio-user:a.sock", "--json")]
    for number in range(len(FAULTS)):
        apply = portolan("apply", "plan.json", "--inventory", "inventory.json")
        yield [["mkdir", "host1", "host2"], ["cp", f"devices/inventory-{number}.json", "inventory.json"],
               device(1, "--socket", "host1/web.sock", "--m-memory=8192", "&"),
               portolan("plan", "devices/fleet.json", "-o", "plan.json", "--no-store", "--progress", "none"),
               apply + ["--dry-run"], apply, portolan("status"), portolan("status", "--json"),
               portolan("journal"), portolan("journal", "--json"),
               portolan("journal", "--conform"), portolan("journal", "--conform", "--json"),
               apply + ["--json", "--progress", "none"]]


def about_malformed(found):
    for path in sorted(found):
        if path.startswith("tests/model/corpus/") and not path.endswith(".expect"):
            for form in ("text", "json"):
                yield [portolan("check", path, "--format", form)]
                yield [portolan("matrix", path, "--format", form)]
                yield [portolan("schemes", path, "--format", form)]
                yield [portolan("compat", "--from", path, "--to", path, "--format", form)]
                yield [portolan("explore", path, "--no-store", "--format", form)]
        if path.startswith("less/"):
            if re.search(rb"^catalogue:|^model:|^fleet:", found[path], re.MULTILINE):
                yield [portolan("explore", path, "--no-store", "--max-states", "3000")]
                yield [portolan("plan", path, "--no-store", "--max-states", "3000", "--json")]
            elif path.endswith(".yaml"):
                yield [portolan("check", path)]
                yield [portolan("matrix", path, "--json")]


def about_transcripts(found):
    """The commands of every golden transcript."""
    for path in sorted(found):
        if path.startswith("tests/cli/golden/"):
            lines = found[path].decode().splitlines()
            yield [shlex.split(line[2:]) for line in lines if line.startswith("$ portolan ")]


def about_scenario(path, content, ask):
    large = ["--max-states", str(LARGE)] if path.startswith("bench/") else []
    explore = portolan("explore", path, "--no-store", "--progress", "none", *large)
    for more in ([], ["--json"], ["--json", "--threads", "2"], ["--json", "--symmetry", "off"],
                 ["--json", "--symmetry", "on"], ["--symmetry", "off", "--no-minimise"], ["--expect"],
                 ["--json", "--partial-order"], ["--json", "--first-violation"], ["--json", "--max-states", "1000"],
                 ["--json", "--bitstate", "--memory", "8M"], ["--prove"], ["--json", "--prove"]):
        yield [explore + more]
    yield [explore + ["--interactive", "<", "walk.txt"]]
    stored = ["--db", "results.db"]
    yield [portolan("explore", path, "--progress", "none", *large, *stored), portolan("db", "list", *stored),
           portolan("db", "show", "1", *stored), portolan("db", "show", "1", "--json", *stored)]
    for form in ("promela", "tla", "dot"):
        yield [explore + ["--export", form]]
    for one in json.loads(ask(explore + ["--json"]) or "{}").get("properties", ()):
        chosen = explore + ["--property", one["name"]]
        yield [chosen + ["--export", "promela"]]
        if not one.get("trace"):
            continue
        yield [chosen + ["--format", "mermaid"]]
        yield [chosen + ["--format", "itf", ">", "trace.itf.json"],
               portolan("explore", "--replay", "trace.itf.json", "--no-store"),
               portolan("explore", path, "--replay", "trace.itf.json", "--no-store", "--json")]
        yield [chosen + ["--save-scenario", "kept.yaml"],
               portolan("explore", "kept.yaml", "--no-store", "--expect", *large)]
        yield [chosen + ["--save-scenario", "kept.json", "--no-minimise"]]
    yield from about_plan(path, content)
    yield from about_run(path)


def about_plan(path, content):
    plan = portolan("plan", path, "--progress", "none")
    yield [plan + ["--no-store", "--json"]]
    yield [plan + ["--no-store", "--expect"]]
    if re.search(rb"^goal:", content, re.MULTILINE):
        run = portolan("sim", "run", path, "--plan", "plan.json", "--seed", "11", "--threads", "1", "--json")
        yield [plan + ["-o", "plan.json", "--db", "results.db"], portolan("plan", "show", "plan.json"),
               portolan("plan", "show", "plan.json", "--json"),
               portolan("plan", "verify", "plan.json", "--no-store", "--progress", "none"),
               portolan("plan", "verify", "plan.json", "--no-store", "--progress", "none", "--json"),
               portolan("db", "show", "1", "--db", "results.db", "--json"), run]


def about_run(path):
    """Everything that the simulator stores, of two seeds. One thread: with more, 0.1.0 could wait for ever."""
    stored = ["--db", "runs.db"]
    for seed in ("7", "23"):
        run = portolan("sim", "run", path, "--seed", seed, "--replications", "2", "--threads", "1", *stored)
        yield [run, portolan("sim", "replay", "1", "--verify", "--threads", "1", "--json", *stored),
               portolan("sim", "replay", "1", "--until", "3600000000000", "--events", "40", *stored),
               portolan("sim", "status", "--json", *stored),
               portolan("sim", "query", "SELECT action, count(*) FROM events GROUP BY action", *stored),
               portolan("sim", "query", "SELECT * FROM events LIMIT 300", "--format", "csv", *stored),
               portolan("sim", "query", "SELECT * FROM migrations LIMIT 300", "--json", *stored)]
        yield [run + ["--json"]]


def parts_of(label):
    """The argument's `#name@version`, and the type, of a label name@version/type."""
    name, _, kind = label.partition("/")
    return name, ["--type", kind] if kind else []


def spread(all_of_them, count):
    """At most so many, evenly over all."""
    step = max(1, -(-len(all_of_them) // count))
    return all_of_them[::step]


def about_catalogue(path, content, ask):
    text = content.decode(errors="replace")
    profiles = sorted(set(re.findall(r'profiles"?: *\{\s*"?([\w.-]+)"?:', text)))
    check = portolan("check", path)
    for more in ([], ["--json"], ["--all"], ["--fail-on", "warning"], ["--solver", "direct", "--json"],
                 ["--solver", "z3", "--json"], ["--db", "results.db"]) + tuple(["--level", one] for one in LEVELS):
        yield [check + list(more)]
    yield [check + ["--smtlib", "smt"]]
    yield [check + ["--baseline", "accepted.yaml", "--write-baseline"], check + ["--baseline", "accepted.yaml"],
           check + ["--baseline", "accepted.yaml", "--json"]]
    for scheme in SCHEMES:
        yield [portolan("schemes", path, "--scheme", scheme)]
        for given in [[]] + [["--profile", one] for one in profiles if scheme in ("profile", "observed")]:
            for form in ("text", "json", "csv") if scheme.startswith("rfc-v3") else ("json",):
                yield [portolan("matrix", path, "--scheme", scheme, "--format", form, *given)]
    for engine, scheme in itertools.product(("direct", "z3", "z3-joined", "both"), ("rfc-v3", "rfc-v3-strict")):
        yield [portolan("matrix", path, "--json", "--engine", engine, "--scheme", scheme)]
    for more in ([], ["--json"], ["--max-configurations", "5", "--json"]):
        yield [portolan("schemes", path, *more)]
    for more in ([], ["--json"], ["--solver", "z3"]):
        yield [portolan("baseline", path, *more)]
    labels = json.loads(ask(portolan("matrix", path, "--summary", "--json")) or "{}").get("implementations", ())
    yield from about_pairs(path, list(labels), profiles, ask)


def about_pairs(path, labels, profiles, ask):
    """One migration, what changed, and what a write would do, of some pairs of implementations."""
    schemes = itertools.cycle(SCHEMES)
    for a, b in spread(list(itertools.product(labels, labels)), 16):
        (source, kind), (destination, to) = parts_of(a), parts_of(b)
        compat = portolan("compat", "--from", f"{path}#{source}", "--to", f"{path}#{destination}", *kind)
        yield [compat]
        yield [compat + ["--json"]]
        yield [compat + ["--scheme", next(schemes), "--json"] + (["--to-type", to[1]] if to else [])]
        for profile in profiles[:2]:
            yield [compat + ["--profile", profile]]
            yield [compat + ["--profile", profile, "--scheme", "observed", "--json"]]
    for a, b in spread(list(itertools.permutations(dict.fromkeys(parts_of(one)[0] for one in labels), 2)), 12):
        diff = portolan("diff", f"{path}#{a}", f"{path}#{b}")
        yield [diff]
        yield [diff + ["--json", "--scheme", "rfc-v3"]]
        yield [portolan("check", f"{path}#{a}", "--against", f"{path}#{b}", "--json")]
    for label in spread(labels, 8):
        name, kind = parts_of(label)
        decided = ask(portolan("compat", "--from", f"{path}#{name}", "--to", f"{path}#{name}", *kind, "--json"))
        for parameter, value in json.loads(decided or "{}").get("configuration", {}).items():
            written = str(not value).lower() if isinstance(value, bool) else f"{value + 1}" if value == 0 else "0"
            impact = portolan("impact", "--from", f"{path}#{name}", *kind, "--set", f"{parameter}={written}", path)
            yield [impact]
            yield [impact + ["--json"]]


def about_qemu():
    for family in ("virt", "pc-q35"):
        path = f"scenarios/qemu/{family}.yaml"
        for scheme in ("rfc-v3", "rfc-v3-strict"):
            yield [portolan("matrix", path, "--summary", "--json", "--scheme", scheme)]
        yield [portolan("matrix", path)]
        yield [portolan("check", path)]
        yield [portolan("diff", f"{path}#{family}@7.1", f"{path}#{family}@7.2")]
        yield [portolan("compat", "--from", f"{path}#{family}@2.9", "--to", f"{path}#{family}@7.2", "--json")]


def about_random(path, content):
    """A few schemes in turns; Z3, which takes fifty times as long, of some files."""
    number = int(os.path.basename(path).split(".")[0]) // IN_A_FILE
    yield [portolan("check", path, "--json")]
    if number % 2 == 0:
        yield [portolan("schemes", path, "--json")]
    for scheme in dict.fromkeys(("rfc-v3", "rfc-v3-strict", SCHEMES[number % 11], SCHEMES[(number + 5) % 11])):
        given = ["--profile", "old"] if scheme in ("profile", "observed") else []
        yield [portolan("matrix", path, "--json", "--scheme", scheme, *given)]
    if number % 20 == 0:
        yield [portolan("matrix", path, "--json", "--engine", "z3", "--scheme", "rfc-v3-strict")]
    if number % 20 == 10:
        yield [portolan("matrix", path, "--json", "--engine", "z3-joined", "--scheme", "rfc-v3-strict")]
    if number % 100 == 0:
        yield [portolan("check", path, "--json", "--solver", "z3")]
    labels = [f"{one['name']}@{one['version']}" for one in json.loads(content)["implementations"]]
    a, b = labels[0], labels[1]
    yield [portolan("diff", f"{path}#{a}", f"{path}#{b}", "--json")]


def questions(found, ask):
    """Every question about these files. `ask`: what the old program prints for a step, in their folder."""
    yield from about_words()
    yield from about_devices()
    yield from about_malformed(found)
    yield from about_transcripts(found)
    yield from about_qemu()
    for path, content in sorted(found.items()):
        if re.match(r"(bench/)?scenarios/.*\.yaml$", path) and b"portolan.scenario/1" in content:
            yield from about_scenario(path, content, ask)
        elif path.startswith("random/"):
            yield from about_random(path, content)
        elif re.match(r"scenarios/(?!qemu/).*\.(yaml|json)$", path) and \
                (b"portolan.catalogue/1" in content or b'"models"' in content):
            yield from about_catalogue(path, content, ask)
