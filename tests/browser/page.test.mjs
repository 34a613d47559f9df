// The page of the emulator, as a person and as a hostile web page use it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const MARKUP = "<img src=x onerror=document.title=1>";

let emulator, url, env, browser;

before(async () => {
  emulator = spawn(process.env.EMULATOR, ["onehouse", "--listen", "127.0.0.1:0", "--rate", "off", "--pending-polls", "0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(createInterface(emulator.stdout), "line");
  url = line.split(" listening on ")[1];
  env = await (await fetch(`${url}/_emulator/env`)).json();
  const args = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP rebound.example 127.0.0.1",
  ];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
});

after(async () => {
  await browser?.close();
  emulator?.kill();
});

async function statement(text) {
  const headers = { "x-onehouse-uuid": env.ONEHOUSE_USER_UID };
  for (const name of ["account-uid", "project-uid", "api-key", "api-secret", "link-uid", "region"]) {
    headers[`x-onehouse-${name}`] = env["ONEHOUSE_" + name.replaceAll("-", "_").toUpperCase()];
  }
  return fetch(`${url}/v1/resource/`, { method: "POST", headers, body: JSON.stringify({ statement: text }) });
}

async function open(options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => request.url().startsWith(url) || faults.push(`loads ${request.url()}`));
  await page.goto(`${url}/_emulator/`);
  await page.getByText("Emulator of onehouse").waitFor();
  return { page, faults, close: () => context.close() };
}

async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
}

test("it shows what the vendor's SDK creates, without being loaded again", async () => {
  const { page, faults, close } = await open();
  await page.getByText("No change yet.").waitFor();
  execFileSync(process.env.PYTHON, ["create_cluster.py", "etl"], { env: { ...process.env, ...env }, stdio: "ignore" });
  await page.locator("#resources tr", { hasText: "etl" }).getByText("RUNNING").waitFor();
  await page.locator("#ledger tr", { hasText: "CREATE CLUSTER" }).waitFor();
  await statement("CREATE NONSENSE");
  await page.locator("#requests tr", { hasText: "line 1, column 8" }).waitFor();
  await picture(page, "light");
  assert.deepEqual(faults, []);
  await close();
});

test("a fault that is added by hand strikes, and is removed by hand", async () => {
  const { page, close } = await open({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
  // By keyboard alone.
  await page.getByLabel("Add a fault").focus();
  await page.keyboard.type("submit: status=503");
  await page.keyboard.press("Enter");
  await page.locator("#faults li", { hasText: "submit: status=503" }).waitFor();
  assert.equal((await statement("SHOW LAKES")).status, 503);
  await page.locator("#requests tr", { hasText: "fault: submit: status=503" }).waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `the page is ${width} px wide on a phone`);
  await picture(page, "phone-dark");
  await page.getByLabel("Add a fault").fill("explode");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("explode").waitFor();
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.locator("#faults li", { hasText: "None." }).waitFor();
  assert.equal((await statement("SHOW LAKES")).status, 200);
  await close();
});

test("the clock is advanced, stopped and started", async () => {
  const { page, close } = await open();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped, advanced by 0s in all.").waitFor();
  await page.getByLabel("Advance by").fill("90m");
  await page.getByRole("button", { name: "Advance" }).click();
  await page.getByText("Stopped, advanced by 5400s in all.").waitFor();
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText("Running, advanced by 5400s in all.").waitFor();
  await close();
});

test("markup in a name is shown and does no harm", async () => {
  const { page, faults, close } = await open();
  assert.equal((await statement(`CREATE CLUSTER \`${MARKUP}\` TYPE = 'Managed'`)).status, 200);
  await page.locator("#resources td", { hasText: MARKUP }).waitFor();
  await page.locator("#ledger td", { hasText: MARKUP }).waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.notEqual(await page.title(), "1");
  assert.deepEqual(faults, []);
  await close();
});

test("a web page of another origin neither resets nor reads the emulator", async () => {
  const server = createServer((_, response) => response.end("<!DOCTYPE html><title>other</title>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const before = await (await fetch(`${url}/_emulator/ledger`)).json();
  assert.ok(before.length > 0);
  const read = await page.evaluate(async (url) => {
    await fetch(`${url}/_emulator/reset`, { method: "POST", mode: "no-cors" });
    return fetch(`${url}/_emulator/ledger`).then((response) => response.text(), () => "refused");
  }, url);
  assert.equal(read, "refused");
  assert.deepEqual(await (await fetch(`${url}/_emulator/ledger`)).json(), before);
  // A name of its own that resolves to this machine.
  const response = await page.goto(url.replace("127.0.0.1", "rebound.example") + "/_emulator/ledger");
  assert.equal(response.status(), 403);
  await page.close();
  server.close();
});
