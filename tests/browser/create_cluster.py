"""Creates a cluster with the vendor's SDK, which reads its variables: create_cluster.py NAME."""

import sys

from onehouse_python_sdk.resources import OnehouseResources

OnehouseResources().create_cluster(sys.argv[1], type="Managed", max_ocu=2)
