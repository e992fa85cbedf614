/**
 * `npm run lockfile`: resolves the lockfile anew. A registry mirror may lack the builds of some libraries for other platforms;
 * npm then leaves them out of the lockfile, and `npm ci` refuses it everywhere. They are added as their parents name them.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

interface Lockfile {
  packages: Record<string, LockedPackage>;
  readonly [key: string]: unknown;
}

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "wasi",
  "wasm32",
  "win32",
];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

const lockfile = resolveAfresh();
const added = complete(lockfile);
writeFileSync("package-lock.json", `${JSON.stringify(lockfile, null, 2)}\n`);
process.stdout.write(
  `package-lock.json: ${Object.keys(lockfile.packages).length} packages, ${added} of them for platforms that the registry lacks\n`,
);

/** In an empty folder, because what is installed here would narrow the lockfile to this platform. */
function resolveAfresh(): Lockfile {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-lockfile-"));
  try {
    for (const file of [".npmrc", "package.json", ...globSync(["packages/*/package.json", "apps/*/package.json"])]) {
      cpSync(file, join(folder, file), { recursive: true });
    }
    const npm = spawnSync("npm", ["install", "--package-lock-only", "--loglevel=error"], {
      cwd: folder,
      stdio: "inherit",
    });
    if (npm.status !== 0) process.exit(npm.status ?? 1);
    return JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function complete(lock: Lockfile): number {
  const missing = Object.entries(lock.packages).flatMap(([path, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => lock.packages[`node_modules/${name}`] === undefined)
      .map(([name, version]) => ({ name, version, dev: path === "" ? undefined : dev })),
  );
  for (const { name, version, dev } of missing) {
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(dev === true ? { dev } : {}),
      optional: true,
    };
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return missing.length;
}

/** "@biomejs/cli-linux-x64-musl" is for linux, x64, musl. */
function platformOf(name: string): LockedPackage {
  const words = name.slice(dirname(name).length).split(/[-/]/);
  const cpu = processors.find((processor) => words.includes(processor));
  const os = systems.find((system) => words.includes(system));
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(os === undefined ? {} : { os: [os] }),
    ...(words.some((word) => word.startsWith("musl")) ? { libc: ["musl"] } : {}),
  };
}
