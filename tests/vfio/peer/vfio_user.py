# SPDX-License-Identifier: Apache-2.0
"""An independent vfio-user peer for tests: client and server, from the protocol's facts alone.

Nothing of the product's own code was read for it, so that the two can be held against each other. Messages are 16 bytes
of header (id, command, size, flags, errno; host byte order) and a body.
"""

import errno
import json
import os
import socket
import struct
import time

VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, REGION_INFO = 1, 2, 3, 4, 5
REGION_READ, REGION_WRITE, RESET, FEATURE, DATA_READ, DATA_WRITE = 9, 10, 13, 16, 17, 18
REPLY, NO_REPLY, ERROR_FLAG = 1, 0x10, 0x20
GET, SET, PROBE = 0x10000, 0x20000, 0x40000
STATES = ["ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P"]
NUMBER = {name: number for number, name in enumerate(STATES)}
SAVING = {"PRE_COPY", "PRE_COPY_P2P", "STOP_COPY"}


def arcs(p2p, pre_copy):
    """The elementary arcs for a set of flags, as (from, to)."""
    both = lambda a, b: {(a, b), (b, a)}
    result = both("STOP", "STOP_COPY") | both("STOP", "RESUMING")
    result |= (both("RUNNING", "RUNNING_P2P") | both("RUNNING_P2P", "STOP")) if p2p else both("RUNNING", "STOP")
    if pre_copy and not p2p:
        result |= both("RUNNING", "PRE_COPY") | {("PRE_COPY", "STOP_COPY")}
    if pre_copy and p2p:
        result |= both("RUNNING", "PRE_COPY") | both("PRE_COPY", "PRE_COPY_P2P") | both("RUNNING_P2P", "PRE_COPY_P2P")
        result |= {("PRE_COPY_P2P", "STOP_COPY")}
    return result


def path(p2p, pre_copy, current, requested):
    """States after `current` up to `requested`, by trying every longer walk in turn; None is EINVAL."""
    edges = arcs(p2p, pre_copy)
    supported = {state for edge in edges for state in edge}
    if "ERROR" in (current, requested) or current not in supported or requested not in supported:
        return None
    if current == requested:
        return []
    if current == "STOP_COPY" and requested in SAVING:
        return None
    walks = [[current]]
    for _ in STATES:
        longer = []
        for walk in walks:
            for a, b in edges:
                if a != walk[-1] or b in walk:
                    continue
                new = walk + [b]
                inside = new[1:-1]
                allowed = not any(state in SAVING for state in inside)
                allowed |= new == ["PRE_COPY", "PRE_COPY_P2P", "STOP_COPY"]
                if b == requested and allowed:
                    return new[1:]
                longer.append(new)
        walks = longer
    return None


class Refused(Exception):
    def __init__(self, number):
        super().__init__(errno.errorcode.get(number, number))
        self.errno = number


class Closed(Exception):
    pass


def receive_exactly(sock, count):
    data = bytearray()
    while len(data) < count:
        part = sock.recv(min(count - len(data), 1 << 20))
        if not part:
            raise Closed()
        data += part
    return bytes(data)


class Client:
    def __init__(self, path, timeout=20, retry=5):
        until = time.monotonic() + retry
        while True:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(timeout)
            try:
                self.sock.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                self.sock.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
        self.id = 7

    def close(self):
        self.sock.close()

    def raw(self, data):
        self.sock.sendall(data)

    def call(self, command, body=b"", flags=0):
        self.id = (self.id + 1) & 0xFFFF
        self.sock.sendall(struct.pack("=HHIII", self.id, command, 16 + len(body), flags, 0) + body)
        if flags & NO_REPLY:
            return None
        number, answered, size, reply_flags, error = struct.unpack("=HHIII", receive_exactly(self.sock, 16))
        assert number == self.id and answered == command, (number, answered)
        assert reply_flags & 0xF == REPLY, hex(reply_flags)
        if reply_flags & ERROR_FLAG:
            assert size == 16, "an error reply is the header alone"
            assert error != 0
            raise Refused(error)
        assert size >= 16
        return receive_exactly(self.sock, size - 16)

    def version(self, text=None):
        if text is None:
            text = json.dumps({"capabilities": {"max_msg_fds": 8, "max_data_xfer_size": 1048576, "migration": {"pgsize": 4096}}})
        body = self.call(VERSION, struct.pack("=HH", 0, 0) + text.encode() + b"\0")
        major, _ = struct.unpack_from("=HH", body)
        assert major == 0 and body[-1] == 0
        return json.loads(body[4:-1])

    def info(self):
        return struct.unpack("=IIII", self.call(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0)))

    def migration_flags(self):
        argsz, flags, value = struct.unpack("=IIQ", self.call(FEATURE, struct.pack("=II", 16, 1 | GET)))
        assert argsz == 16 and flags & 0xFFFF == 1
        return value

    def state(self):
        argsz, flags, value, _ = struct.unpack("=IIII", self.call(FEATURE, struct.pack("=II", 16, 2 | GET)))
        assert argsz == 16 and flags & 0xFFFF == 2
        return STATES[value]

    def set_state(self, name):
        self.call(FEATURE, struct.pack("=IIII", 16, 2 | SET, NUMBER[name], 0))

    def read(self, count):
        body = self.call(DATA_READ, struct.pack("=II", 8 + count, count))
        _, size = struct.unpack_from("=II", body)
        assert size <= count and size <= len(body) - 8
        return body[8:8 + size]

    def write(self, data):
        assert self.call(DATA_WRITE, struct.pack("=II", 8 + len(data), len(data)) + data) == b""

    def reset(self):
        assert self.call(RESET) == b""

    def region_read(self, region, offset, count):
        body = self.call(REGION_READ, struct.pack("=QII", offset, region, count))
        assert struct.unpack_from("=QII", body) == (offset, region, count)
        return body[16:]

    def region_write(self, region, offset, data):
        self.call(REGION_WRITE, struct.pack("=QII", offset, region, len(data)) + data)


def pattern(size, at, count):
    """Bytes `at` … of an endless pattern without period 2^n: any misplaced chunk shows."""
    count = min(count, size - at)
    block = bytes((i * 131 + (i >> 8) * 17 + 3) & 0xFF for i in range(PERIOD)) if not PATTERN else PATTERN[0]
    if not PATTERN:
        PATTERN.append(block)
    start = at % PERIOD
    repeated = block[start:] + block * (count // PERIOD + 1)
    return repeated[:count]


PERIOD = 65521  # a prime
PATTERN = []


class Server:
    """One device with the habits that its dictionary `how` names.

    size: bytes of state; read_max: of one reply; padded: replies as long as asked; pre_copy_bytes: given in PRE_COPY, in
    `rounds` rounds; refuse: {state: errno} for a request of that state, or [state, errno, state to land in]; lie: {state:
    state that is reported instead}; refuse_write: [byte, errno]; refuse_load: errno at RESUMING -> STOP; message: {number:
    what}, with close, die, silent, garbage, wrong_id, wrong_command, oversize, short, not_reply, long_error, zero_errno,
    bad_state, announce, slow_header; strict: refuses in STOP and STOP_COPY what a server may; reset_on_close; start: state at
    the start; version: text of the capabilities; stuck: RESET is refused in RESUMING; deaf: answers nothing, ever.
    """

    def __init__(self, how):
        self.how = how
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(how["socket"])
        self.listener.listen(4)
        self.messages = 0
        self.received = bytearray()
        self.received_bytes = 0
        self.content_size = how.get("size", 0)
        self.p2p, self.pre_copy = how.get("p2p", False), how.get("pre_copy", False)
        self.visited = []
        self.log = []  # one label for each message, so that a test can name the one it breaks
        self.state = how.get("start", "RUNNING")
        self.at = 0
        self.round_given = 0
        self.rounds = 0
        self.finished = False
        self.write_refused = False
        self.bad = None  # what the client did wrong by the facts of the protocol

    def serve(self):
        while not self.finished:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                while True:
                    self.one(client)
            except (Closed, ConnectionResetError, BrokenPipeError):
                pass
            finally:
                client.close()
            if self.how.get("reset_on_close"):
                self.reset()

    def reset(self):
        self.enter("RUNNING")
        self.received.clear()
        self.received_bytes = 0
        self.write_refused = False

    def enter(self, state):
        self.visited.append(state)
        self.state = state
        if state == "RESUMING":
            self.received.clear()
            self.received_bytes = 0

    def one(self, client):
        head = receive_exactly(client, 16)
        number, command, size, flags, _ = struct.unpack("=HHIII", head)
        if flags & 0xF != 0 or size < 16 or size > 16 + (1 << 20) + 64:
            self.bad = f"a message with flags {flags:#x} and size {size}"
            raise Closed()
        body = receive_exactly(client, size - 16)
        self.messages += 1
        self.log.append(self.label(command, body))
        what = self.how.get("message", {}).get(str(self.messages))
        if self.how.get("deaf") or what == "silent":
            while client.recv(65536):
                pass
            raise Closed()
        if what == "die":
            self.finished = True
            self.listener.close()
            os.unlink(self.how["socket"])
            raise Closed()
        if what == "close":
            raise Closed()
        after = what in ("die_after", "close_after", "silent_after")
        error, reply = 0, b""
        try:
            reply = self.answer(command, body)
        except Refused as refused:
            error = refused.errno
        if after:
            if what == "silent_after":
                while client.recv(65536):
                    pass
            if what == "die_after":
                self.finished = True
                self.listener.close()
                os.unlink(self.how["socket"])
            raise Closed()
        if what == "garbage":
            client.sendall(bytes(range(256)) * 4)
            return
        if what == "wrong_id":
            number ^= 0x5555
        if what == "wrong_command":
            command += 1
        if what == "short":
            reply = reply[:3]
        if what == "not_reply":
            client.sendall(struct.pack("=HHIII", number, 11, 32, 0, 0) + struct.pack("=QQ", 0, 16))
            return
        if what == "oversize":
            client.sendall(struct.pack("=HHIII", number, command, 0xFFFFFFF0, REPLY, 0) + b"x" * 100000)
            return
        if what == "tiny":
            client.sendall(struct.pack("=HHIII", number, command, 3, REPLY, 0))
            return
        if what == "long_error":
            client.sendall(struct.pack("=HHIII", number, command, 32, REPLY | ERROR_FLAG, errno.EIO) + b"x" * 16)
            return
        if what == "zero_errno":
            client.sendall(struct.pack("=HHIII", number, command, 16, REPLY | ERROR_FLAG, 0))
            return
        if what == "bad_state":
            reply = struct.pack("=IIII", 16, 2 | GET, 4711, 0)
        if what == "announce":
            reply = struct.pack("=II", 8 + 65536, 65536) + b"x"
        if what == "half":
            client.sendall(struct.pack("=HHIII", number, command, 16 + len(reply) + 1000, REPLY, 0) + reply)
            raise Closed()
        if what == "dribble":
            whole = struct.pack("=HHIII", number, command, 16 + len(reply), REPLY, 0) + reply
            for byte in whole:
                client.sendall(bytes([byte]))
                time.sleep(0.002)
            return
        if error:
            client.sendall(struct.pack("=HHIII", number, command, 16, REPLY | ERROR_FLAG, error))
        else:
            client.sendall(struct.pack("=HHIII", number, command, 16 + len(reply), REPLY, 0) + reply)

    @staticmethod
    def label(command, body):
        names = {VERSION: "VERSION", GET_INFO: "INFO", RESET: "RESET", DATA_READ: "READ", DATA_WRITE: "WRITE"}
        if command == FEATURE and len(body) >= 8:
            flags = struct.unpack_from("=II", body)[1]
            if flags & 0xFFFF == 1:
                return "FLAGS"
            return "GET" if flags & GET else "SET " + STATES[struct.unpack_from("=I", body, 8)[0]]
        return names.get(command, str(command))

    def report(self):
        return {"state": self.state, "visited": self.visited, "log": self.log, "received": self.received_bytes, "bad": self.bad}

    def answer(self, command, body):
        if self.how.get("strict") and self.state in ("STOP", "STOP_COPY") and command not in (REGION_READ, REGION_WRITE, FEATURE, DATA_READ):
            raise Refused(errno.EINVAL)
        if command == VERSION:
            text = self.how.get("version")
            if text is None:
                text = json.dumps({"capabilities": {"max_msg_fds": 1, "max_data_xfer_size": self.how.get("max_transfer", 1 << 20)}})
            if text == "deep":
                text = "[" * 8000 + "]" * 8000
            return struct.pack("=HH", self.how.get("major", 0), 1) + (text.encode() + b"\0" if text else b"")
        if command == GET_INFO:
            if len(body) != 16 or struct.unpack_from("=I", body)[0] != 16:
                self.bad = "DEVICE_GET_INFO wants all 16 bytes"
                raise Refused(errno.EINVAL)
            return struct.pack("=IIII", 16, 3, 0, 0)
        if command == FEATURE:
            return self.feature(body)
        if command == DATA_READ:
            return self.data_read(body)
        if command == DATA_WRITE:
            return self.data_write(body)
        if command == RESET:
            if body:
                self.bad = "DEVICE_RESET has no payload"
            if self.how.get("stuck") and self.state == "RESUMING":
                raise Refused(errno.EBUSY)
            self.reset()
            return b""
        raise Refused(errno.ENOTSUP)

    def feature(self, body):
        argsz, flags = struct.unpack_from("=II", body)
        if argsz != 16 or (flags & GET and len(body) != 8) or (flags & SET and len(body) != 16):
            self.bad = f"a DEVICE_FEATURE with argsz {argsz} and {len(body)} bytes"
            raise Refused(errno.EINVAL)
        index = flags & 0xFFFF
        if index == 1 and flags & GET:
            if self.how.get("no_migration"):
                raise Refused(errno.EINVAL)
            return struct.pack("=IIQ", 16, flags, 1 | (2 if self.p2p else 0) | (4 if self.pre_copy else 0))
        if index != 2:
            raise Refused(errno.EINVAL)
        if flags & GET:
            shown = self.how.get("lie", {}).get(self.state, self.state)
            return struct.pack("=IIII", 16, flags, NUMBER[shown], 0)
        wanted = STATES[struct.unpack_from("=I", body, 8)[0]]
        if self.write_refused and wanted in ("STOP", "RUNNING"):
            self.bad = f"{wanted} was requested after a refused write, where only a reset is safe"
        rule = self.how.get("refuse", {}).get(wanted)
        if rule and not (isinstance(rule, list) and len(rule) > 2 and self.visited.count(wanted + "?") >= rule[2]):
            self.visited.append(wanted + "?")
            if isinstance(rule, list):
                self.enter(rule[1]) if rule[1] else None
                raise Refused(rule[0])
            raise Refused(rule)
        way = path(self.p2p, self.pre_copy, self.state, wanted)
        if way is None:
            raise Refused(errno.EINVAL)
        for state in way:
            if self.state == "RESUMING" and self.how.get("refuse_load"):
                raise Refused(self.how["refuse_load"])
            if state in SAVING and self.state not in SAVING:
                self.at, self.rounds, self.round_given = 0, 0, 0
            self.enter(state)
        return struct.pack("=IIII", 16, flags, NUMBER[wanted], 0)

    def data_read(self, body):
        argsz, count = struct.unpack("=II", body)
        if argsz != 8 + count or self.state not in SAVING:
            raise Refused(errno.EINVAL)
        if "refuse_read" in self.how and self.at >= self.how["refuse_read"][0]:
            raise Refused(self.how["refuse_read"][1])
        give = min(count, self.how.get("read_max", 1 << 20))
        if self.state == "STOP_COPY":
            give = min(give, self.content_size - self.at)
        else:
            # Each round gives its share, then says once that there is nothing for now.
            share = self.how.get("pre_copy_bytes", 0) // max(1, self.how.get("rounds", 1))
            if self.rounds >= self.how.get("rounds", 1):
                give = 0
            elif self.round_given >= share:
                self.rounds, self.round_given, give = self.rounds + 1, 0, 0
            else:
                give = min(give, share - self.round_given, self.content_size - self.at)
        data = pattern(self.content_size, self.at, give)
        self.at += len(data)
        self.round_given += len(data)
        padding = b"\xEE" * (count - len(data)) if self.how.get("padded") else b""
        return struct.pack("=II", 8 + len(data), len(data)) + data + padding

    def data_write(self, body):
        argsz, count = struct.unpack_from("=II", body)
        data = body[8:]
        if argsz != 8 + count or len(data) != count or self.state != "RESUMING":
            raise Refused(errno.EINVAL)
        if count > 65536:
            self.bad = f"a write of {count} bytes, and more than 65536 may be truncated"
        rule = self.how.get("refuse_write")
        if rule and self.received_bytes + len(data) >= rule[0]:
            self.write_refused = True
            raise Refused(rule[1])
        # Compared as it comes, so that a gibibyte needs no memory.
        if self.how.get("expect", True) and data != pattern(1 << 62, self.received_bytes, len(data)):
            self.bad = f"other bytes than were saved, near byte {self.received_bytes}"
        self.received_bytes += len(data)
        return b""
