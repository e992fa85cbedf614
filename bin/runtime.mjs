/**
 * Finds or brings the one Node that Ropewalk runs on, and starts it. Plain JavaScript that any Node since 20 can read:
 * an older Node cannot parse the program itself, so only this file may decide which Node that is.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";

const wanted = { major: 26, minor: 10 };

/** Absolute path of a Node that satisfies package.json's `engines`, or undefined. */
export function findNode(root) {
  const bundled = resolveBundledNode(root);
  if (bundled !== undefined) return bundled;
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major === wanted.major && minor >= wanted.minor ? process.execPath : undefined;
}

/** Whether `root` is a clone of the repository (sources, no build) rather than an installed package. */
export function isClone(root) {
  return existsSync(join(root, "apps/ropewalk/src/main.ts"));
}

/** Installs the clone's packages when they are missing or older than the lockfile. Exits the process when that fails. */
export function bootstrap(root) {
  if (!isClone(root) || isInstalled(root)) return;
  const lock = join(root, "build/bootstrap.lock");
  try {
    mkdirSync(dirname(lock), { recursive: true });
    takeLock(lock);
  } catch (error) {
    fail(
      `Ropewalk must install its packages into ${root} and may not write there (${error.code ?? error.message}).\nUse a clone that you own.`,
    );
  }
  try {
    if (isInstalled(root)) return;
    process.stderr.write(
      `First start: installing Ropewalk's packages and Node ${wanted.major} into ${join(root, "node_modules")} …\n`,
    );
    const began = Date.now();
    const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", process.stderr.fd, process.stderr.fd],
    });
    if (npm.error !== undefined)
      fail(`npm could not be started (${npm.error.message}). Install npm, then run this again.`);
    if (npm.status !== 0)
      fail(
        "npm could not install the packages; its own words are above. Check the network or proxy, then run this again.",
      );
    process.stderr.write(`Installed in ${((Date.now() - began) / 1000).toFixed(0)} s.\n`);
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Runs `node` with `args` in place of this process where this Node can (no parent stays in memory), else as a child with these
 * `stdio`, whose signals and exit status are mirrored. Never returns to the caller's code with anything left to do.
 */
export function become(node, args, stdio = "inherit") {
  if (typeof process.execve === "function" && process.platform === "linux") {
    process.removeAllListeners("warning");
    process.on("warning", () => {});
    process.execve(node, [node, ...args], process.env);
  }
  const child = spawn(node, args, { stdio });
  child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
  // Ctrl-C at a terminal reaches the child by itself; a second copy would read as "stop at once".
  const isFromTerminal = (signal) => (signal === "SIGINT" || signal === "SIGQUIT") && process.stdin.isTTY === true;
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR2", "SIGWINCH", "SIGCONT"]) {
    process.on(signal, () => {
      if (!isFromTerminal(signal)) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
    process.kill(process.pid, signal);
  });
}

/** In a clone, what V8 makes of the sources is kept beside them: half of a start is to compile them. */
export function keepCompiled(root) {
  if (isClone(root)) process.env.NODE_COMPILE_CACHE ??= join(root, "build/compiled");
}

export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Node flags of every start: `node:ffi` warns that it is experimental, which the exact Node version answers. */
export function nodeFlags(root) {
  const always = ["--disable-warning=ExperimentalWarning"];
  return isClone(root) ? [...always, "--conditions=@ropewalk/source"] : always;
}

/** They serve requests: what one holds while it is on its way outlives two megabytes of others, and is then collected with what is old, which costs more. */
export const busyPrograms = ["entry"];

/**
 * Of the program besides, which runs for months with some twenty megabytes of objects. To wake four threads for each of its
 * small collections costs more than they save. A young generation that may grow does, by tens of megabytes while much is probed.
 */
export function programFlags(command) {
  return ["--single-threaded-gc", `--max-semi-space-size=${busyPrograms.includes(command) ? 4 : 2}`];
}

function resolveBundledNode(root) {
  const name = `node-linux-${process.arch}`;
  try {
    const manifest = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
    const node = join(dirname(manifest), "bin/node");
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

function isInstalled(root) {
  const installed = modifiedAt(join(root, "node_modules/.package-lock.json"));
  return (
    installed !== undefined &&
    installed >= (modifiedAt(join(root, "package-lock.json")) ?? 0) &&
    findNode(root) !== undefined
  );
}

function modifiedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : undefined;
}

/** Two starts at once must not both run `npm ci`. A lock whose holder is dead is taken over. */
function takeLock(path) {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isAlive(Number(readHolder(path)))) rmSync(path, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

function readHolder(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
