"""Reads the result at a URL as Arrow with the vendor's client, batch by batch: prints seconds, rows and its peak of memory."""

import resource
import sys
import time

import hotdata

configuration = hotdata.Configuration(host=sys.argv[1], api_key="k", workspace_id="w")
results = hotdata.ResultsApi(hotdata.ApiClient(configuration))
started = time.perf_counter()
rows = 0
with results.stream_result_arrow("r", "d") as reader:
    for batch in reader:
        rows += batch.num_rows
took = time.perf_counter() - started
print(took, rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
