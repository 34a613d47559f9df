"""Many tests in many workers share one emulator: each has a space of its own, and none sees another's state."""

import os
import uuid

import pytest
import requests
from controlplane_emulator import Control

URL = os.environ.get("SHARED_EMULATOR")


@pytest.mark.skipif(not URL, reason="needs SHARED_EMULATOR, the URL of an emulator that accepts any credentials")
@pytest.mark.parametrize("number", range(200))
def test_a_project_of_its_own(number):
    project = f"project-{number}-{uuid.uuid4()}"
    headers = {f"x-onehouse-{name}": "any" for name in ["account-uid", "api-key", "api-secret", "link-uid", "region", "uuid"]}
    headers["x-onehouse-project-uid"] = project

    def run(statement):
        submitted = requests.post(f"{URL}/v1/resource/", json={"statement": statement}, headers=headers)
        submitted.raise_for_status()
        status = requests.get(f"{URL}/v1/status/{submitted.json()['requestId']}", headers=headers)
        return status.json()["apiResponse"]

    # The same name in each: it would be refused where it exists already.
    assert "error" not in run("CREATE SERVICE_PRINCIPAL `bot`")
    assert "error" not in run(f"CREATE CLUSTER `c{number}` TYPE = 'Managed'")
    assert {row["name"] for row in run("SHOW CLUSTERS")} == {"Connector", "System", f"c{number}"}
    space = Control(URL).space(f"any/{project}")
    assert [change["helper"] for change in space.ledger()] == ["create_service_principal", "create_cluster", "show_clusters"]
    space.fault("submit: status=500")
    assert requests.post(f"{URL}/v1/resource/", json={"statement": "SHOW LAKES"}, headers=headers).status_code == 500
    space.reset()
    assert {row["name"] for row in run("SHOW CLUSTERS")} == {"Connector", "System"}
