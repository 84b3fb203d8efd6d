# SPDX-License-Identifier: Apache-2.0
"""Serves the devices of a JSON list (see Server) until standard input ends, then prints a report for each as JSON.

usage: serve.py FILE
"""

import json
import sys
import threading

from vfio_user import Server

with open(sys.argv[1]) as file:
    servers = [Server(how) for how in json.load(file)]
for server in servers:
    threading.Thread(target=server.serve, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
print(json.dumps([server.report() for server in servers]), flush=True)
