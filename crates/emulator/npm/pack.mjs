// Packs the npm packages: the launcher, and the package for the platform of a program.
//
//     node pack.mjs PROGRAM FOLDER [PLATFORM-ARCH]
//
// PROGRAM is a built `controlplane-emulator`; FOLDER receives two files to publish. Default: the platform that runs this.

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [program, folder, target = `${process.platform}-${process.arch}`] = process.argv.slice(2);
if (!program || !folder) {
  console.error("usage: node pack.mjs PROGRAM FOLDER [PLATFORM-ARCH]");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const launcher = JSON.parse(readFileSync(join(here, "controlplane-emulator", "package.json"), "utf8"));
// One version for all: that of the program.
const { version } = launcher;
const cargo = readFileSync(join(here, "..", "Cargo.toml"), "utf8").match(/^version = "(.*)"$/m)[1];
if (version !== cargo) {
  console.error(`package.json has version ${version}, Cargo.toml has ${cargo}`);
  process.exit(1);
}
const name = `@controlplane-emulator/${target}`;
if (launcher.optionalDependencies[name] !== version) {
  console.error(`package.json does not list ${name} ${version}`);
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), "controlplane-emulator-npm-"));
try {
  const [platform, arch] = target.split("-");
  const file = platform === "win32" ? "controlplane-emulator.exe" : "controlplane-emulator";
  const own = join(work, target);
  mkdirSync(join(own, "bin"), { recursive: true });
  copyFileSync(program, join(own, "bin", file));
  chmodSync(join(own, "bin", file), 0o755);
  const description = `The program controlplane-emulator for ${target}; install controlplane-emulator instead`;
  const license = launcher.license;
  const about = { name, version, description, license, os: [platform], cpu: [arch], files: ["bin"], preferUnplugged: true };
  writeFileSync(join(own, "package.json"), JSON.stringify(about, null, 2) + "\n");
  cpSync(join(here, "controlplane-emulator"), join(work, "launcher"), { recursive: true });
  copyFileSync(join(here, "..", "README.md"), join(work, "launcher", "README.md"));
  mkdirSync(folder, { recursive: true });
  for (const one of [own, join(work, "launcher")]) {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", resolve(folder)], { cwd: one, stdio: "inherit" });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
