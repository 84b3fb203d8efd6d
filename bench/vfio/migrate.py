#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Moves a device state between two portolan-device processes and prints time, rate, downtime and peak memory of all three.

usage: bench/vfio/migrate.py [--bin build/release] [--size 4G] [--dirty-rate 32M] [--limit-mib 64]

Exit status 1 when the migration does not commit, the digests differ, or a process needed more than the limit. The
processes should be of the preset `release`: a sanitizer's own memory counts too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))


parser = argparse.ArgumentParser()
parser.add_argument("--bin", default="build/release")
parser.add_argument("--size", default="4G")
parser.add_argument("--dirty-rate", default="32M")
parser.add_argument("--limit-mib", type=float, default=64)
options = parser.parse_args()

with tempfile.TemporaryDirectory() as folder:
    devices = []
    for name, rate in (("a", options.dirty_rate), ("b", "0")):
        arguments = [f"{options.bin}/portolan-device", "--socket", f"{folder}/{name}", "--state-size", options.size, "--dirty-rate", rate]
        device = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        device.stdout.readline()
        devices.append(device)

    def content(name):
        output = subprocess.run([f"{options.bin}/portolan", "device", "info", f"vfio-user:{folder}/{name}", "--json"], check=True, capture_output=True, text=True).stdout
        return json.loads(output)["content"]

    command = [f"{options.bin}/portolan", "device", "migrate", "--from", f"vfio-user:{folder}/a", "--to", f"vfio-user:{folder}/b", "--json", "--pre-copy-limit", "900", "--progress", "none"]
    migrate = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = migrate.stdout.read()
    _, status, usage = os.wait4(migrate.pid, 0)
    result = json.loads(output)
    source, destination = content("a"), content("b")
    peaks = {"source": peak_mib(devices[0].pid), "destination": peak_mib(devices[1].pid), "portolan": usage.ru_maxrss / 1024}
    for device in devices:
        device.terminate()
        device.communicate()

rounds = sum(step["step"] == "round" for step in result["steps"])
print(f"{result['outcome']}: {result['bytes'] / 2**20:.1f} MiB in {result['seconds']:.1f} s ({result['bytes'] / 2**20 / result['seconds']:.0f} MiB/s), "
      f"{rounds} rounds, {source['rewrites']} pages rewritten, downtime {result['downtime_seconds'] * 1000:.0f} ms")
print("peak memory: " + ", ".join(f"{name} {mib:.1f} MiB" for name, mib in peaks.items()))
print(f"digest of the content: {'equal' if source['sha256'] == destination['sha256'] else 'DIFFERENT'}, {destination['damaged_pages']} pages damaged")
good = result["outcome"] == "committed" and source["sha256"] == destination["sha256"] and destination["damaged_pages"] == 0 and max(peaks.values()) <= options.limit_mib
sys.exit(0 if good else 1)
