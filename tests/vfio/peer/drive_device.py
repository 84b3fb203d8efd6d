# SPDX-License-Identifier: Apache-2.0
"""A client that trusts nothing and behaves badly, against one portolan-device: framing, bounds, order, second clients.

usage: drive_device.py PORTOLAN_DEVICE SOCKET
"""

import errno
import os
import random
import socket
import struct
import subprocess
import sys

from vfio_user import *

program, path_ = sys.argv[1:]
process = subprocess.Popen([program, "--socket", path_, "--state-size", "100K"], stdout=subprocess.DEVNULL)
wrong = []


def check(what, truth):
    if not truth:
        wrong.append(what)


def refused(what, number, call):
    try:
        call()
        wrong.append(f"{what}: accepted")
    except Refused as one:
        check(f"{what}: {one}, expected {errno.errorcode[number]}", one.errno == number)


def dropped(what, data):
    client = Client(path_)
    client.raw(data)
    try:
        check(what, client.sock.recv(1) == b"")
    except ConnectionResetError:
        pass
    client.close()


# Before VERSION nothing is answered but with an error.
client = Client(path_)
refused("a command before VERSION", errno.EINVAL, client.info)
check("capabilities", client.version()["capabilities"]["max_data_xfer_size"] == 1 << 20)
check("info", client.info()[:2] == (16, 1))
check("flags", client.migration_flags() == 5)
refused("a short DEVICE_GET_INFO", errno.EINVAL, lambda: client.call(GET_INFO, struct.pack("=II", 16, 0)))
refused("a feature that is none", errno.EINVAL, lambda: client.call(FEATURE, struct.pack("=II", 16, 9 | GET)))
refused("unknown feature bits", errno.EINVAL, lambda: client.call(FEATURE, struct.pack("=II", 16, 2 | GET | 1 << 25)))
refused("a short argsz", errno.EINVAL, lambda: client.call(FEATURE, struct.pack("=II", 8, 2 | GET)))
refused("state 8", errno.EINVAL, lambda: client.call(FEATURE, struct.pack("=IIII", 16, 2 | SET, 8, 0)))
refused("a SET without a state", errno.EINVAL, lambda: client.call(FEATURE, struct.pack("=II", 16, 2 | SET)))
check("a probe", len(client.call(FEATURE, struct.pack("=II", 8, 2 | SET | PROBE))) == 8)
refused("a read while RUNNING", errno.EINVAL, lambda: client.read(4096))
refused("a write while RUNNING", errno.EINVAL, lambda: client.write(b"x"))
refused("a region that is none", errno.EINVAL, lambda: client.region_read(1, 0, 4))
refused("a read past the end of a region", errno.EINVAL, lambda: client.region_read(0, 4093, 4))
refused("a read from far away", errno.EINVAL, lambda: client.region_read(0, (1 << 64) - 1, 4))
refused("a write to a register", errno.EINVAL, lambda: client.region_write(0, 0, b"x"))
refused("a write past the scratch bytes", errno.EINVAL, lambda: client.region_write(0, 190, b"xyz"))
refused("a write that is shorter than it says", errno.EINVAL, lambda: client.call(REGION_WRITE, struct.pack("=QII", 128, 0, 9) + b"x"))
refused("DMA_READ", errno.EOPNOTSUPP, lambda: client.call(11, b"\0" * 16))
refused("RESET with a payload", errno.EINVAL, lambda: client.call(RESET, b"x"))
check("the registers", client.region_read(0, 0, 8) == b"PORTOLAN")
client.region_write(0, 130, b"scratch")
check("the scratch bytes", client.region_read(0, 130, 7) == b"scratch")
check("no reply when none is wanted", client.call(RESET, b"", NO_REPLY) is None)
check("the next reply is the next one's", client.state() == "RUNNING")
check("a reset clears the scratch bytes", client.region_read(0, 130, 7) == b"\0" * 7)

# A second client connects, and is answered when the first is gone.
second = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
second.connect(path_)
second.settimeout(0.2)
version = struct.pack("=HH", 0, 0) + b"{}\0"
second.sendall(struct.pack("=HHIII", 1, VERSION, 16 + len(version), 0, 0) + version)
try:
    second.recv(1)
    wrong.append("a second client is answered beside the first")
except socket.timeout:
    pass
client.set_state("STOP")
client.close()
second.settimeout(10)
check("a second client is answered after the first", len(receive_exactly(second, 16)) == 16)
second.close()

# The state outlives the connection: a client that lost its own can come back and ask.
client = Client(path_)
client.version()
check("the state after a reconnect", client.state() == "STOP")

# Data: whatever is written, a damaged stream is refused, and only a reset helps then.
client.set_state("STOP_COPY")
data = b""
while part := client.read(65536):
    data += part
check("a read after the end", client.read(65536) == b"")
refused("a read of more than is taken", errno.EINVAL, lambda: client.read((1 << 20) + 1))
refused("argsz too small", errno.EINVAL, lambda: client.call(DATA_READ, struct.pack("=II", 8, 4096)))
chance = random.Random(4)
for attempt in range(40):
    client.reset()
    client.set_state("RESUMING")
    damaged = bytearray(data)
    kind = attempt % 4
    if kind == 0:
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        damaged = damaged[:chance.randrange(len(damaged))]
    elif kind == 2:
        damaged += b"\0" * chance.randrange(1, 50)
    else:
        damaged = bytearray(chance.randbytes(chance.randrange(1, 5000)))
    error = None
    at = 0
    try:
        while at < len(damaged):
            step = chance.randrange(1, 65536)
            client.write(bytes(damaged[at:at + step]))
            at += step
    except Refused as one:
        error = one.errno
        refused("a write after a refused write", error, lambda: client.write(b"x"))
    refused(f"a damaged stream ({kind})", errno.EINVAL, lambda: client.set_state("STOP"))
    check("it stays in RESUMING", client.state() == "RESUMING")
# Partial data, then the missing bytes.
client.reset()
client.set_state("RESUMING")
client.write(data[:5000])
refused("partial data", errno.EINVAL, lambda: client.set_state("STOP"))
client.write(data[5000:])
client.set_state("RUNNING")
check("the whole data", client.state() == "RUNNING")
client.close()

# Framing: what cannot be one message ends the connection, and the next client is served.
dropped("a size below the header's", struct.pack("=HHIII", 1, VERSION, 15, 0, 0))
dropped("a size beyond every message", struct.pack("=HHIII", 1, VERSION, 0xFFFFFFFF, 0, 0))
dropped("a reply instead of a command", struct.pack("=HHIII", 1, VERSION, 16, 1, 0))
for bomb in (b"[" * 9000 + b"]" * 9000, b"{" * 3000, b'{"capabilities":{"max_data_xfer_size":1e99}}', b'{"capabilities":7}', b"\xff\xfe"):
    client = Client(path_)
    refused("capabilities that are none", errno.EINVAL, lambda: client.call(VERSION, struct.pack("=HH", 0, 0) + bomb + b"\0"))
    client.close()
client = Client(path_)
refused("major version 1", errno.EINVAL, lambda: client.call(VERSION, struct.pack("=HH", 1, 0) + b"{}\0"))
client.close()
for seed in range(60):
    chance = random.Random(seed)
    client = Client(path_)
    client.version()
    for _ in range(20):
        body = chance.randbytes(chance.choice([0, 1, 7, 8, 15, 16, 24, 32, 100, 70000]))
        try:
            client.call(chance.randrange(0, 25), body)
        except Refused:
            pass
    client.raw(chance.randbytes(chance.randrange(1, 200)))
    client.close()
# File descriptors that are passed along are not kept.
client = Client(path_)
fds_before = len(os.listdir(f"/proc/{process.pid}/fd"))
for _ in range(20):
    socket.send_fds(client.sock, [struct.pack("=HHIII", 1, DMA_MAP, 16 + len(version), 0, 0) + version], [0, 1])
    receive_exactly(client.sock, 16)
check("passed descriptors are dropped", len(os.listdir(f"/proc/{process.pid}/fd")) <= fds_before + 1)
client.close()
client = Client(path_)
client.version()
check("alive after all that", client.state() in STATES)
client.close()

process.terminate()
check("143 after SIGTERM", process.wait(10) == 143)
check("the socket is removed", not os.path.exists(path_))
for line in wrong:
    print(line)
sys.exit(1 if wrong else 0)
