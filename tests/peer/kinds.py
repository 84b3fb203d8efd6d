# SPDX-License-Identifier: Apache-2.0
"""The kinds of input that are compared: how one is made, what the reader says of it, how the program is asked."""
import json
import subprocess

import generate_models
import model_reader


class Unsuitable(Exception):
    """An input that the reader was not made for, such as one with too many states."""


def run(arguments, seconds=120):
    """Exit status, and what was printed as JSON; a refusal is {"refused": message}."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=seconds, check=False)
    if not done.stdout.strip():
        return done.returncode, {"refused": f"exit status {done.returncode}: {done.stderr.strip()}"}
    return done.returncode, json.loads(done.stdout)


class Models:
    """Scenarios with a model of their own: `explore`."""

    def __init__(self, options):
        self.overlapping = options.overlapping_rows

    def make(self, seed):
        return generate_models.scenario(seed, self.overlapping)

    @staticmethod
    def answer(scenario):
        try:
            return model_reader.answer(scenario)
        except model_reader.TooLarge as why:
            raise Unsuitable(str(why)) from why

    @staticmethod
    def ask(scenario, portolan, folder):
        file = folder / "scenario.json"
        file.write_text(json.dumps(scenario), encoding="utf-8")
        status, said = run([portolan, "explore", str(file), "--json", "--no-store", "--symmetry", "off",
                            "--no-minimise"])
        if "refused" in said:
            return said
        return {"states": said["states"], "transitions": said["transitions"], "depth": said["depth"],
                "verdicts": {one["name"]: one["verdict"] for one in said["properties"]}, "status": status}


KINDS = {"model": Models}
