"""Runs a command on a terminal of its own. A line on stdin says what becomes of the terminal: `close`, or
`read` (it is read no more from the start if the first argument is `stalled`). Prints the exit code."""
import os, pty, select, subprocess, sys

stalled, command = sys.argv[1] == "stalled", sys.argv[2:]
master, slave = pty.openpty()
child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
os.close(slave)
reading = [sys.stdin] + ([] if stalled else [master])
while child.poll() is None:
    for ready in select.select(reading, [], [], 0.05)[0]:
        if ready not in reading:
            continue
        if ready is sys.stdin:
            order = sys.stdin.readline().strip()
            reading.remove(sys.stdin)
            if order == "close":
                if master in reading:
                    reading.remove(master)
                os.close(master)
            if order == "read":
                reading.append(master)
        else:
            try:
                os.read(master, 65536)
            except OSError:
                reading.remove(master)
print(child.returncode)
