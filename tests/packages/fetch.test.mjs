// The npm package of the emulator: `npx controlplane-emulator`, and Node's own client.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";

async function start(...args) {
  const child = spawn("npx", ["--no", "controlplane-emulator", ...args], { stdio: ["ignore", "pipe", "ignore"], detached: true });
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, url: line.split(" listening on ")[1] };
}

async function stop({ child }) {
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  await ended;
}

test("a statement is accepted and shown", async (t) => {
  // `localhost` is ::1 for Node.
  const emulator = await start("onehouse", "--listen", "localhost:0", "--pending-polls", "0");
  t.after(() => stop(emulator));
  const url = emulator.url.replace("127.0.0.1", "localhost");
  const env = await (await fetch(`${url}/_emulator/env`)).json();
  const headers = {
    "x-onehouse-account-uid": env.ONEHOUSE_ACCOUNT_UID,
    "x-onehouse-project-uid": env.ONEHOUSE_PROJECT_UID,
    "x-onehouse-api-key": env.ONEHOUSE_API_KEY,
    "x-onehouse-api-secret": env.ONEHOUSE_API_SECRET,
    "x-onehouse-link-uid": env.ONEHOUSE_LINK_UID,
    "x-onehouse-region": env.ONEHOUSE_REGION,
    "x-onehouse-uuid": env.ONEHOUSE_USER_UID,
  };
  const body = JSON.stringify({ statement: "CREATE CLUSTER etl TYPE = 'Managed' MAX_OCU = 2" });
  const submitted = await fetch(`${url}/v1/resource/`, { method: "POST", headers, body });
  assert.equal(submitted.status, 200);
  const { requestId } = await submitted.json();
  const status = await (await fetch(`${url}/v1/status/${requestId}`, { headers })).json();
  assert.equal(status.apiStatus, "API_OPERATION_STATUS_SUCCESS");
  const ledger = await (await fetch(`${url}/_emulator/ledger`)).json();
  assert.deepEqual(ledger.map((change) => change.helper), ["create_cluster"]);
});

test("a web page of another origin is refused", async (t) => {
  const emulator = await start("eloq", "--listen", "127.0.0.1:0");
  t.after(() => stop(emulator));
  const root = new URL(emulator.url).origin;
  const reset = (headers) => fetch(`${root}/_emulator/reset`, { method: "POST", headers });
  assert.equal((await reset({ origin: "https://evil.example" })).status, 403);
  assert.equal((await reset({})).status, 200);
});

test("a page of an origin that is named may call the service, and a state is restored", async (t) => {
  const emulator = await start("eloq", "--listen", "127.0.0.1:0", "--cors", "http://localhost:5173");
  t.after(() => stop(emulator));
  const origin = "http://localhost:5173";
  const response = await fetch(`${emulator.url}org-info`, { headers: { origin } });
  assert.equal(response.headers.get("access-control-allow-origin"), origin);
  const foreign = await fetch(`${emulator.url}org-info`, { headers: { origin: "https://evil.example" } });
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  const state = `${new URL(emulator.url).origin}/_emulator/state`;
  const kept = await (await fetch(state)).text();
  assert.equal(JSON.parse(kept).service, "eloq");
  assert.equal((await fetch(state, { method: "PUT", body: kept })).status, 200);
  assert.equal((await fetch(state, { method: "PUT", body: "{}" })).status, 400);
});

test("wrong arguments end it with status 2", async () => {
  const child = spawn("npx", ["--no", "controlplane-emulator", "snowflake"], { stdio: "ignore" });
  const [code] = await once(child, "exit");
  assert.equal(code, 2);
});
