"""What runs in a session of processes, for tests that end commands."""

import time
from pathlib import Path


def processes_of(session):
    """Return the processes of a session that still run, whoever their parent is."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def wait_until(holds, seconds=120):
    """Wait until the condition holds, and fail where it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
