"""Runs a program on a pseudo-terminal: terminal.py INPUT COMMAND…

INPUT is written when the program asks a question. Its exit code is that of the program, and what the terminal
has received goes to standard output.
"""

import os
import pty
import sys

answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen = b""
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:  # Linux: the program has ended.
        break
    if not piece:
        break
    seen += piece
    if answer and seen.rstrip().endswith(b"[y/N]"):
        os.write(terminal, answer.encode() + b"\n")
        answer = ""
os.write(1, seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
