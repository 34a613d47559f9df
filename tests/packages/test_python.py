"""The Python package of the emulator as its users use it."""

import os

import controlplane_emulator
import pytest
import requests
from controlplane_emulator import EmulatorError


@pytest.fixture(scope="session")
def controlplane_emulator_options():
    return {"pending_polls": 0}


@pytest.fixture
def vendor(onehouse_emulator, monkeypatch):
    """The vendor's client, which finds the emulator by its variables."""
    from onehouse_python_sdk.resources import OnehouseResources

    for name, value in onehouse_emulator.env.items():
        monkeypatch.setenv(name, value)
    return OnehouseResources()


def test_the_vendors_sdk_works_with_the_fixture(vendor, onehouse_emulator):
    vendor.create_cluster("etl", type="Managed", max_ocu=2)
    [change] = onehouse_emulator.ledger()
    assert change["helper"] == "create_cluster"
    assert {"kind": "cluster", "name": "etl", "state": "RUNNING"} in onehouse_emulator.resources()


def test_each_test_begins_anew(onehouse_emulator):
    assert onehouse_emulator.ledger() == []
    assert onehouse_emulator.requests() == []


def test_a_fault_strikes_and_is_gone(vendor, onehouse_emulator):
    onehouse_emulator.fault("nth=1, submit: status=400")
    with pytest.raises(Exception):
        vendor.show_lakes()
    onehouse_emulator.clear_faults()
    vendor.show_lakes()
    with pytest.raises(EmulatorError, match="explode"):
        onehouse_emulator.fault("explode")


def test_a_refusal_has_its_reason(onehouse_emulator):
    names = ["account-uid", "project-uid", "api-key", "api-secret", "link-uid", "region"]
    headers = {f"x-onehouse-{name}": onehouse_emulator.env["ONEHOUSE_" + name.replace("-", "_").upper()] for name in names}
    headers["x-onehouse-uuid"] = onehouse_emulator.env["ONEHOUSE_USER_UID"]
    url = onehouse_emulator.url + "/v1/resource/"
    response = requests.post(url, json={"statement": "CREATE NONSENSE"}, headers=headers)
    assert response.status_code == 400
    assert "line 1, column 8" in onehouse_emulator.requests()[0]["reason"]
    assert "400 POST /v1/resource/" in onehouse_emulator.log()


def test_the_clock_is_advanced():
    with controlplane_emulator.eloq(pending="20m") as emulator:
        headers = {"Authorization": "Bearer " + emulator.env["ELOQ_API_KEY"]}
        assert requests.get(emulator.url + "user-info", headers=headers).status_code in (200, 404)
        emulator.stop_clock()
        emulator.advance("20m")
        emulator.start_clock()
        with pytest.raises(EmulatorError, match="duration"):
            emulator.advance("soon")


def test_a_state_is_kept_and_restored_and_a_plan_is_carried_out(onehouse_emulator):
    onehouse_emulator.stop_clock()
    onehouse_emulator.seed("CREATE GROUP early", {"create_service_principal": {"name": "bot"}})
    kept = onehouse_emulator.state()
    onehouse_emulator.seed("CREATE GROUP late")
    assert onehouse_emulator.state() != kept
    onehouse_emulator.restore(kept)
    assert onehouse_emulator.state() == kept
    assert onehouse_emulator.ledger() == []
    with controlplane_emulator.onehouse() as other:
        other.stop_clock()
        other.restore(kept)
        assert other.state() == kept
        with pytest.raises(EmulatorError, match="entry 2 .CREATE NONSENSE."):
            other.seed("CREATE GROUP z", "CREATE NONSENSE")
        with pytest.raises(EmulatorError, match="/service: "):
            other.restore({**kept, "service": "eloq"})
        assert other.state() == kept
    onehouse_emulator.start_clock()


def test_a_file_fills_the_emulator(tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text('["CREATE GROUP early"]')
    with controlplane_emulator.onehouse(seed_file=plan) as emulator:
        assert '"early"' in str(emulator.state()).replace("'", '"')
    plan.write_text('["CREATE NONSENSE"]')
    with pytest.raises(EmulatorError, match="plan.json: entry 1"):
        controlplane_emulator.onehouse(seed_file=plan)


def test_a_space_of_the_own():
    with controlplane_emulator.eloq(accept_any_credentials=True) as emulator:
        requests.get(emulator.url + "user-info", headers={"Authorization": "Bearer a/key"})
        assert len(emulator.space("a/key").requests()) == 1
        assert emulator.requests() == []
        with pytest.raises(EmulatorError, match="space"):
            emulator.space("nobody").requests()


def test_the_other_services_start(eloq_emulator, h2o_workflows_emulator, hotdata_emulator):
    assert eloq_emulator.url.endswith("/api/v1/")
    assert h2o_workflows_emulator.env["H2O_CLOUD_ENVIRONMENT"] == h2o_workflows_emulator.url
    headers = {"Authorization": "Bearer " + hotdata_emulator.env["HOTDATA_API_KEY"]}
    headers["X-Workspace-Id"] = hotdata_emulator.env["HOTDATA_WORKSPACE"]
    assert requests.get(hotdata_emulator.url + "/v1/databases", headers=headers).status_code == 200


def test_over_tls_requests_trusts_the_authority_of_the_environment():
    with controlplane_emulator.hotdata(tls=True, fault=["submit: status=500", "poll: status=503"]) as emulator:
        assert emulator.url.startswith("https://localhost:")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(emulator.url + "/v1/databases")
        assert requests.get(emulator.url + "/v1/nothing", verify=emulator.env["REQUESTS_CA_BUNDLE"]).status_code == 404


def test_a_wrong_option_is_an_error_with_the_programs_words():
    with pytest.raises(EmulatorError, match="--port"):
        controlplane_emulator.onehouse(port=8089)


def test_it_stops_at_the_end_of_the_block():
    with controlplane_emulator.onehouse() as emulator:
        url = emulator.url
    emulator.stop()
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(url)
    assert not [name for name in os.listdir("/tmp") if name == os.path.basename(emulator._log)]
