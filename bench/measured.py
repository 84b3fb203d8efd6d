# SPDX-License-Identifier: Apache-2.0
"""One run of a program with what it cost, for the measurements of this folder."""
import collections
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# `user`, `system`, `wall`: seconds; `peak`: bytes in memory at most.
Run = collections.namedtuple("Run", "out user system wall peak")


def measured(command, where=None):
    """Runs a command to its end; one that fails ends this program."""
    with tempfile.TemporaryFile() as out:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, cwd=where)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{sys.argv[0]}: exit status {process.returncode} of {' '.join(command)}")
        out.seek(0)
        return Run(out.read().decode(), usage.ru_utime, usage.ru_stime, wall, usage.ru_maxrss * 1024)
