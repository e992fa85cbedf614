/**
 * `npm run build`: compiles every workspace and stages `build/package/`, the folder that `npm pack` turns into what people
 * install: the launcher, the compiled workspaces as real folders, bundled, and exact versions of everything else.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const staging = "build/package";
const program = "apps/ropewalk";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly [key: string]: unknown;
}

compile();
const workspaces = reachableWorkspaces(program);
rmSync(staging, { recursive: true, force: true });
for (const folder of workspaces) stageWorkspace(folder);
stageRoot(workspaces);
process.stdout.write(`${staging} is staged: npm pack ./${staging}\n`);

function compile(): void {
  const compiler = spawnSync("node_modules/.bin/tsc", ["-b"], { stdio: "inherit" });
  if (compiler.status !== 0) process.exit(compiler.status ?? 1);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** The program and every workspace that it needs, itself first. */
function reachableWorkspaces(first: string): readonly string[] {
  const found = [first];
  for (const folder of found) {
    for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
      const next = `packages/${name.replace("@ropewalk/", "")}`;
      if (name.startsWith("@ropewalk/") && !found.includes(next)) found.push(next);
    }
  }
  return found;
}

function stageWorkspace(folder: string): void {
  const manifest = readManifest(folder);
  const target = join(staging, "node_modules", manifest.name);
  mkdirSync(target, { recursive: true });
  cpSync(join(folder, "dist"), join(target, "dist"), {
    recursive: true,
    filter: (path) => !/\.(?:tsbuildinfo|map|d\.ts)$/.test(path),
  });
  cpSync(join(folder, "README.md"), join(target, "README.md"));
  const entries = Object.entries(manifest.exports ?? {}).map(([path, { default: compiled }]) => [path, compiled]);
  writeJson(join(target, "package.json"), { ...manifest, exports: Object.fromEntries(entries) });
}

function stageRoot(folders: readonly string[]): void {
  const root = readManifest(".");
  const manifests = folders.map(readManifest);
  const dependencies = Object.assign({}, ...manifests.map((manifest) => manifest.dependencies ?? {}), {
    ...Object.fromEntries(manifests.map(({ name, version }) => [name, version])),
  });
  for (const path of ["bin", "LICENSE", "README.md", "CHANGELOG.md", "deploy"].filter((path) => existsSync(path))) {
    cpSync(path, join(staging, path), { recursive: true });
  }
  writeJson(join(staging, "package.json"), {
    name: root.name,
    version: root.version,
    description: root["description"],
    license: root["license"],
    type: "module",
    os: ["linux"],
    bin: root["bin"],
    dependencies: Object.fromEntries(Object.entries(dependencies).toSorted()),
    bundleDependencies: manifests.map(({ name }) => name),
    optionalDependencies: root["optionalDependencies"],
  });
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
