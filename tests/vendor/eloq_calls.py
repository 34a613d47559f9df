"""Every documented call of EloqCloud's own Python client, and every exception that it has."""

from __future__ import annotations

import base64
import inspect
import json
import os
from typing import Any

import eloq_sdk
from eloq_sdk import exceptions, schema
from eloq_sdk.client import EloqAPI

from checks import Checks, contains, equal, raises
from program import Program

KEY = "emulator-key"

# The client's methods that make one rather than call.
MAKERS = {"from_environ", "from_key", "from_key_and_url"}

# Fails before it sends anything, in this version: it calls a method that is not there.
BROKEN = {"org"}

SERVERLESS = {
    "sku_type": schema.SKUType.SERVERLESS,
    "eloq_module": schema.EloqModule.ELOQKV,
    "cloud_provider": schema.CloudProvider.AWS,
}


class Recorder:
    """Hands every call on to the client, and remembers which were made."""

    def __init__(self, client: EloqAPI) -> None:
        self._client = client
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self._client, name)


def calls() -> set[str]:
    """The calls that the installed client has."""
    methods = inspect.getmembers(EloqAPI, callable)
    return {name for name, _ in methods if not name.startswith("_")} - MAKERS


def run(program: str, checks: Checks) -> None:
    """All of it, each part on an emulator of its own."""
    with Program(program, "--pending-polls", "1", service="eloq") as emulator:
        client = Recorder(eloq_sdk.from_key_and_url(KEY, emulator.url))
        lifecycle(client, checks)
        with checks.check("eloq: every call of the client was made"):
            equal(client.called, calls() - BROKEN)
        with checks.check("eloq: creation and deletion were taken once"):
            taken = [(one["change"], one["cluster_name"]) for one in emulator.ledger()]
            equal(taken, [("create", "c1"), ("create", "a b"), ("delete", "c1")])
        errors(emulator, checks)
    with Program(program, "--clusters", "off", "--pending-polls", "0", service="eloq") as emulator:
        pages(eloq_sdk.from_key_and_url(KEY, emulator.url), checks)
    with Program(program, "--pending-polls", "0", "--idle", service="eloq") as emulator:
        idle(eloq_sdk.from_key_and_url(KEY, emulator.url), checks)
    with checks.check("eloq: the key from the environment"):
        os.environ["ELOQ_API_KEY"] = "some-key"
        contains(repr(eloq_sdk.from_environ()), "api-prod.eloqdata.com")
        del os.environ["ELOQ_API_KEY"]


def lifecycle(client: Any, checks: Checks) -> None:
    """As the vendor's page has it: look around, create, describe, connect, delete."""
    with checks.check("eloq: info"):
        info = client.info()
        equal(type(info), schema.UserOrgInfoDTO)
        equal((info.org_info.org_id, [one.project_id for one in info.org_info.projects]), (1, [147, 205]))
        equal((info.auth_provider, info.user_name), ("github", "dev"))
    with checks.check("eloq: get_skus"):
        skus = client.get_skus(**SERVERLESS)
        equal({type(one) for one in skus}, {schema.SKUInfo})
        equal([one.sku_id for one in skus], [3, 4])
        kinds = {(one.sku_type, one.module_type, one.cloud_provider) for one in skus}
        equal(kinds, {("serverless", "EloqKV", "AWS")})
    for sku_type in schema.SKUType:
        for module in schema.EloqModule:
            for provider in schema.CloudProvider:
                with checks.check(f"eloq: get_skus {sku_type} {module} {provider}"):
                    for one in client.get_skus(sku_type=sku_type, eloq_module=module, cloud_provider=provider):
                        equal(one.sku_type, sku_type.value)
                        equal(one.module_type.lower(), module.value)
                        equal(one.cloud_provider.lower(), provider.value)
    with checks.check("eloq: clusters, before there is one"):
        page = client.clusters()
        equal((type(page), page.cluster_list, page.total), (schema.ClusterList, [], 0))
    with checks.check("eloq: cluster_create"):
        result = client.cluster_create(cluster_name="c1", region="us-west-1", sku_id=3)
        equal((type(result), result.success, result.message), (schema.OperationResult, True, ""))
    with checks.check("eloq: a cluster that comes is not ready, and cannot be deleted"):
        result = client.cluster_delete("c1")
        equal(result.success, False)
        contains(result.message, "Permission denied or cluster not in available status")
        cluster = client.cluster("c1")
        equal((cluster.status, cluster.elb_addr, cluster.elb_port), ("provisioning", "", 0))
    with checks.check("eloq: cluster"):
        cluster = client.cluster("c1")
        equal((type(cluster), cluster.display_cluster_name), (schema.DescClusterDTO, "c1"))
        equal((cluster.status, cluster.elb_state), ("available", "active"))
        equal((cluster.region, cluster.zone, cluster.cloud_provider), ("us-west-1", "us-west-1a", "aws"))
        equal(base64.b64decode(cluster.admin_user), b"147-c1")
    with checks.check("eloq: cluster_credentials"):
        access = client.cluster_credentials("c1")
        equal((type(access), access.username, access.port), (schema.ClusterCredentials, "147-c1", 6378))
        equal((bool(access.password), access.status), (True, "available"))
        contains(access.host, ".elb.us-west-1.")
    with checks.check("eloq: a name with a space in it"):
        equal(client.cluster_create("a b", "us-east-1", 28).success, True)
        equal(client.cluster("a b").module_type, "EloqKV")
    with checks.check("eloq: clusters"):
        page = client.clusters(page=1, per_page=1)
        equal((page.total, [one.cluster_name for one in page.cluster_list]), (2, ["c1"]))
        equal((page.cluster_list[0].cloud_provider, page.cluster_list[0].status), ("AWS", "available"))
    with checks.check("eloq: cluster_delete"):
        result = client.cluster_delete("c1")
        equal((result.success, result.message), (True, ""))
        equal(client.cluster("c1").status, "deleting")
        equal(raises(exceptions.EloqNotFoundError, lambda: client.cluster("c1")).status_code, 404)
    with checks.check("eloq: org fails in this version, before it asks"):
        raises(AttributeError, client._client.org)


def errors(emulator: Program, checks: Checks) -> None:
    """Every exception, from the emulator itself or by a fault."""
    client = eloq_sdk.from_key_and_url(KEY, emulator.url)
    with checks.check("eloq: a wrong key"):
        wrong = eloq_sdk.from_key_and_url("wrong", emulator.url)
        error = raises(exceptions.EloqAuthenticationError, wrong.info)
        equal((error.status_code, error.response_data["message"]), (401, "invalid token"))
        contains(str(error), "Invalid token")
    with checks.check("eloq: a page that is too large"):
        error = raises(exceptions.EloqValidationError, lambda: client.clusters(per_page=51))
        equal((error.status_code, error.response_data["code"]), (400, 400))
    with checks.check("eloq: no such cluster"):
        raises(exceptions.EloqNotFoundError, lambda: client.cluster("nothing"))
        contains(client.cluster_delete("nothing").message, "Cluster not found: ")
    with checks.check("eloq: a name that is taken, a SKU that is not there"):
        contains(client.cluster_create("a b", "us-west-1", 3).message, "Failed to create cluster: ")
        contains(client.cluster_create("c9", "us-west-1", 77).message, "skuId 77")
    for status, kind in [
        (403, exceptions.EloqPermissionError),
        (409, exceptions.EloqAPIError),
        (429, exceptions.EloqRateLimitError),
        (500, exceptions.EloqServerError),
        (503, exceptions.EloqServerError),
    ]:
        with checks.check(f"eloq: HTTP {status} by a fault"):
            body = json.dumps(json.dumps({"code": status, "message": "made up", "data": None}))
            emulator.faults(f"status={status}, body={body}")
            error = raises(kind, client.info)
            equal((error.status_code, error.response_data["message"]), (status, "made up"))
    with checks.check("eloq: a failing code in a 200 goes unnoticed there"):
        body = json.dumps(json.dumps({"code": 403, "message": "no", "data": None}))
        emulator.faults(f"status=200, body={body}")
        equal(client.info(), None)
    with checks.check("eloq: what is lost on the way is taken once, and the client does not say so"):
        before = len(emulator.ledger())
        emulator.faults("submit: take-then-close")
        result = client.cluster_create("lost", "us-west-1", 3)
        equal(result.success, False)
        contains(result.message, "Unexpected error: ")
        equal([one["cluster_name"] for one in emulator.ledger()[before:]], ["lost"])
    emulator.faults()


def pages(client: EloqAPI, checks: Checks) -> None:
    """More clusters than are on a page."""
    with checks.check("eloq: all pages"):
        for number in range(23):
            equal(client.cluster_create(f"c{number}", "us-west-1", 4).success, True)
        first, second = client.clusters(), client.clusters(page=2)
        equal((first.total, len(first.cluster_list), len(second.cluster_list)), (23, 20, 3))
        equal(len(client.clusters(per_page=50).cluster_list), 23)


def idle(client: EloqAPI, checks: Checks) -> None:
    """A serverless cluster at rest."""
    with checks.check("eloq: an idle cluster can be used and not deleted"):
        equal(client.cluster_create("c1", "us-west-1", 3).success, True)
        access = client.cluster_credentials("c1")
        equal((access.status, bool(access.password)), ("idle", True))
        contains(client.cluster_delete("c1").message, "Permission denied or cluster not in available status")
