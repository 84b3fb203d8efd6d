# SPDX-License-Identifier: Apache-2.0
"""Requests every device state from every other of a portolan-device and compares the states that it enters, as its log
tells them, with a path that is derived anew here.

usage: drive_states.py PORTOLAN_DEVICE SOCKET FLAGS
"""

import errno
import json
import subprocess
import sys

from vfio_user import STATES, Client, Refused, path

program, socket_path, flags = sys.argv[1:]
p2p, pre_copy = "p2p" in flags.split(","), "pre_copy" in flags.split(",")
SIZE = "10K"
wrong = []
pairs = 0


class Device:
    def __init__(self, *more):
        self.process = subprocess.Popen([program, "--socket", socket_path, "--flags", flags, "--state-size", SIZE, *more], stdout=subprocess.PIPE, text=True)
        self.client = Client(socket_path)
        self.client.version()

    def entered(self):
        """Ends the program and gives the hops it made, as [from, to]."""
        self.client.close()
        self.process.terminate()
        lines = self.process.communicate()[0].splitlines()
        return [(one["from"], one["to"]) for one in map(json.loads, lines) if one["event"] == "hop"]


def source_stream():
    """A complete stream of another device, for getting out of RESUMING by the front door."""
    other = socket_path + ".source"
    process = subprocess.Popen([program, "--socket", other, "--state-size", SIZE], stdout=subprocess.DEVNULL)
    client = Client(other)
    client.version()
    client.set_state("STOP_COPY")
    data = b""
    while part := client.read(65536):
        data += part
    client.close()
    process.terminate()
    process.wait()
    return data


stream = source_stream()

# One device for all pairs between states other than ERROR: a reset leads back to RUNNING.
expected = []
device = Device()
client = device.client
for current in STATES:
    for requested in STATES:
        pairs += 1
        if current == "ERROR":
            continue
        client.reset()
        expected.append(("*", "RUNNING"))
        way = path(p2p, pre_copy, "RUNNING", current)
        if way is None:  # not a state of this device: asking for it is refused and changes nothing
            try:
                client.set_state(current)
                wrong.append(f"{current} is accepted")
            except Refused as refused:
                if refused.errno != errno.EINVAL or client.state() != "RUNNING":
                    wrong.append(f"{current}: {refused}, {client.state()}")
            continue
        client.set_state(current)
        expected += list(zip(["RUNNING"] + way, way))
        if client.state() != current:
            wrong.append(f"RUNNING -> {current} ended in {client.state()}")
        way = path(p2p, pre_copy, current, requested)
        if current == "RESUMING" and way:
            try:
                client.set_state(requested)
                wrong.append(f"RESUMING -> {requested} without data is accepted")
            except Refused as refused:
                if refused.errno != errno.EINVAL or client.state() != "RESUMING":
                    wrong.append(f"RESUMING -> {requested} without data: {refused}, {client.state()}")
            client.write(stream)
        try:
            client.set_state(requested)
            if way is None:
                wrong.append(f"{current} -> {requested} is accepted")
        except Refused as refused:
            if way is not None or refused.errno != errno.EINVAL:
                wrong.append(f"{current} -> {requested}: {refused}")
        landed = requested if way is not None else current
        if client.state() != landed:
            wrong.append(f"{current} -> {requested} ended in {client.state()}, expected {landed}")
        expected += list(zip([current] + (way or []), way or []))
seen = device.entered()
if len(seen) != len(expected):
    wrong.append(f"{len(seen)} hops, expected {len(expected)}")
for got, want in zip(seen, expected):
    if got != want and not (want[0] == "*" and got[1] == want[1]):
        wrong.append(f"hop {got}, expected {want}")
        break

# ERROR: reached by a hop that fails, left by a reset alone.
device = Device("--fault", "fail-hop:at=1,errno=ENODEV,leaves=error")
client = device.client
try:
    client.set_state("STOP")
    wrong.append("the injected fault did not happen")
except Refused as refused:
    if refused.errno != errno.ENODEV:
        wrong.append(f"the injected fault gives {refused}")
for requested in STATES:
    try:
        client.set_state(requested)
        wrong.append(f"ERROR -> {requested} is accepted")
    except Refused as refused:
        if refused.errno != errno.EINVAL:
            wrong.append(f"ERROR -> {requested}: {refused}")
    if client.state() != "ERROR":
        wrong.append(f"ERROR was left for {client.state()}")
client.reset()
if client.state() != "RUNNING":
    wrong.append(f"a reset ended in {client.state()}")
device.entered()

print(f"{pairs} pairs with {flags}")
for line in wrong:
    print(line)
sys.exit(1 if wrong or pairs != 64 else 0)
