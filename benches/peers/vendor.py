"""The vendor's SDK as one of the clients that are compared: `vendor.py sequential|session|threads`.

Its credentials are in its environment. What it says and what it is told is in `process.rs`.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from onehouse_python_sdk.resources import OnehouseResources

THREADS = 32


def main(how: str) -> None:
    session = None
    if how == "session":
        import requests

        session = requests.Session()
    client = OnehouseResources(session=session)
    client.submit("SHOW LAKES")
    print("ready", flush=True)
    seconds = sys.stdin.readline()
    if not seconds:
        return
    end = time.monotonic() + float(seconds)

    def work(_: int) -> int:
        count = 0
        while time.monotonic() < end:
            client.show_lakes()
            count += 1
        return count

    if how == "threads":
        with ThreadPoolExecutor(THREADS) as pool:
            count = sum(pool.map(work, range(THREADS)))
    else:
        count = work(0)
    print(count, flush=True)
    sys.stdin.read()


main(*sys.argv[1:])
