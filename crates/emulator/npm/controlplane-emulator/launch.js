#!/usr/bin/env node
"use strict";

// Runs the program of the package for this platform, which npm has installed as an optional dependency.

const { spawn } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "controlplane-emulator.exe" : "controlplane-emulator";

let program;
try {
  program = require.resolve(`@controlplane-emulator/${platform}/bin/${name}`);
} catch {
  console.error(
    `controlplane-emulator: the package @controlplane-emulator/${platform} is not installed. Either there is no program ` +
      "for this platform (build it with `cargo install controlplane-emulator`), or npm was told to leave out optional " +
      "dependencies.",
  );
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// The program decides when it ends. A signal of the terminal reaches it as well; one that is sent to this process is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child.kill(signal);
  });
}
child.on("error", (error) => {
  console.error(`controlplane-emulator: cannot run ${program}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code);
  }
});
