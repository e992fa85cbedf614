/**
 * `npm run build`: compiles every workspace and stages `build/package/`, the folder that `npm pack` turns into what people
 * install: the launcher, the compiled workspaces and the libraries as real folders, all bundled. Only the Node binary is left
 * to npm, which picks the one for the machine. (npm takes what a bundled package needs for bundled too, and would not fetch it.)
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
const libraries = reachableLibraries(workspaces);
for (const [name, folder] of libraries) stageLibrary(name, folder);
stageRoot(workspaces, [...libraries.keys()]);
process.stdout.write(`${staging} is staged: npm pack ./${staging}\n`);

/** Afresh: the compiler leaves behind what it made of sources that are gone. */
function compile(): void {
  for (const folder of globSync(["packages/*/dist", "apps/*/dist"])) rmSync(folder, { recursive: true });
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

/** Every library that the workspaces need, by name, each in the one version that is installed. */
function reachableLibraries(folders: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const pending = [...folders];
  for (const folder of pending) {
    for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
      if (name.startsWith("@ropewalk/") || found.has(name)) continue;
      const library = join("node_modules", name);
      if (existsSync(join(folder, "node_modules", name)))
        throw new Error(`${folder} has its own ${name}; the build bundles one`);
      found.set(name, library);
      pending.push(library);
    }
  }
  return found;
}

function stageLibrary(name: string, folder: string): void {
  cpSync(folder, join(staging, "node_modules", name), {
    recursive: true,
    filter: (path) => !/\.(?:map|d\.[cm]?ts)$/.test(path),
  });
}

function stageRoot(folders: readonly string[], libraryNames: readonly string[]): void {
  const root = readManifest(".");
  const manifests = [...folders, ...libraryNames.map((name) => join("node_modules", name))].map(readManifest);
  const dependencies = Object.fromEntries(manifests.map(({ name, version }) => [name, version] as const).toSorted());
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
    dependencies,
    bundleDependencies: Object.keys(dependencies),
    optionalDependencies: root["optionalDependencies"],
  });
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
