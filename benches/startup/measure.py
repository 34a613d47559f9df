"""Starts both programs in turn, and takes the time until a server on loopback has the first byte of a request."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LINE = ["-o", "json", "cluster", "show"]


class Server:
    """Answers every statement at once, and keeps the time of the first byte of each connection's first request."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.arrived: list[int] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            data = b""
            while piece := connection.recv(65536):
                self.arrived.append(time.perf_counter_ns())
                data += piece
                while (end := data.find(b"\r\n\r\n")) >= 0:
                    head = data[:end].decode("latin-1").lower()
                    length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
                    if len(data) < end + 4 + length:
                        break
                    data = data[end + 4 + length:]
                    body = {"requestId": "1"} if head.startswith("post") else {
                        "apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": []}
                    text = json.dumps(body).encode()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                                       % (len(text), text))


def main(program: str, rounds: int) -> int:
    server = Server()
    oh = str(Path(sys.executable).parent / "oh")
    programs = {"controlplane onehouse": [program, "onehouse"], "oh": [oh]}
    with tempfile.TemporaryDirectory() as home:
        names = ["ACCOUNT_UID", "PROJECT_UID", "API_KEY", "API_SECRET", "LINK_UID", "REGION", "USER_UID"]
        environment = {"PATH": os.environ["PATH"], "HOME": home, "ONEHOUSE_BASE_URL": server.url,
                       "ONEHOUSE_SESSION_STORE": "file", **{f"ONEHOUSE_{name}": "x" for name in names}}
        times: dict[str, list[float]] = {name: [] for name in programs}
        # The first round fills the system's cache of files.
        for number in range(rounds + 1):
            for name, command in programs.items():
                server.arrived.clear()
                started = time.perf_counter_ns()
                done = subprocess.run([*command, *LINE], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
                if done.returncode != 0 or not server.arrived:
                    print(f"{name}: exit code {done.returncode}, {done.stderr.decode()}", file=sys.stderr)
                    return 1
                if number:
                    times[name].append((server.arrived[0] - started) / 1e6)
    middle = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"{name}: {middle[name]:.1f} ms to the first request ({min(values):.1f} to {max(values):.1f}, {rounds} rounds)")
    print(f"1/{middle['oh'] / middle['controlplane onehouse']:.0f} of the vendor's")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
