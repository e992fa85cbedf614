/**
 * `npm run build`: compiles every workspace and stages `build/package/`, the folder that `npm pack` turns into what people
 * install: the launcher, and the program with all that it needs joined in a few files, for half of a start would be to find
 * hundreds of them. Only the Node binary is left to npm, which picks the one for the machine.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { busyPrograms, nodeFlags, programFlags } from "../bin/runtime.mjs";

const staging = "build/package";
/** By the names that their files get: a worker is started by its own, from beside the program. */
const programs = {
  main: "apps/ropewalk/dist/main.js",
  "mceliece-worker": "packages/crypto/dist/mceliece/mceliece-worker.js",
  "handshake-worker-main": "packages/tunnel/dist/io/handshake-worker-main.js",
  "store-worker-main": "packages/mesh/dist/io/store/store-worker-main.js",
};
const mcEliece = "node_modules/@oqs/liboqs-js/dist/classic-mceliece-460896.min.js";
/** The library's exports do not name its WebAssembly, which Ropewalk's sources find on disk; here it goes into the bundle. */
const withMcEliece: Plugin = {
  name: "mceliece",
  setup({ onLoad }) {
    onLoad({ filter: /\/mceliece\/wasm-module\.js$/ }, () => ({
      contents: `import instantiate from ${JSON.stringify(resolve(mcEliece))}; export const loadLiboqs = () => instantiate();`,
      resolveDir: ".",
    }));
  },
};
/** A library that is no module asks for what is Node's own. */
const requireForLibraries = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly [key: string]: unknown;
}

compile();
rmSync(staging, { recursive: true, force: true });
const libraries = await stageProgram();
stageLicences(libraries);
stageRoot();
stageLauncher();
cpSync("packages/entry/migrations", join(staging, "entry-migrations"), { recursive: true });
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

/**
 * Each command is loaded when it is run, and so has a file of its own. Names stay as they are, for the traces of defects. Returns
 * the folders of the libraries that are in it.
 */
async function stageProgram(): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: programs,
    outdir: join(staging, "dist"),
    banner: { js: requireForLibraries },
    metafile: true,
    plugins: [withMcEliece],
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", target: "node26", logLevel: "warning" },
  });
  const folders = Object.keys(metafile.inputs).map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}

/** What the libraries' authors ask of who passes them on. */
function stageLicences(folders: readonly string[]): void {
  const sections = folders.map((folder) => {
    const { name, version, license } = readManifest(folder);
    const file = readdirSync(folder).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), "utf8").trim();
    return `## ${name} ${version}\n\n${text}\n`;
  });
  writeFileSync(join(staging, "LIBRARIES.md"), `# Libraries in this program\n\n${sections.join("\n")}`);
}

/**
 * A shell is there in a millisecond; to start one Node that finds another takes a third of a start. Where npm has not brought its
 * own, the clone's launcher says which Node will do.
 */
function stageLauncher(): void {
  const launcher = join(staging, "bin/ropewalk");
  const flagsOf = (command: string) => [...nodeFlags(staging), ...programFlags(command)].join(" ");
  writeFileSync(
    launcher,
    `#!/bin/sh
# Runs Ropewalk on the Node that npm brought with it, from wherever in the folders above npm has put that.
self=$(readlink -f "$0")
root=\${self%/bin/*}
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
case $1 in ${busyPrograms.join("|")}) flags="${flagsOf(busyPrograms[0] ?? "")}" ;; *) flags="${flagsOf("up")}" ;; esac
folder=$root
while :; do
  node=$folder/node_modules/node-linux-$arch/bin/node
  [ -x "$node" ] && exec "$node" $flags "$root/dist/main.js" "$@"
  [ -n "$folder" ] || exec node "$root/bin/ropewalk.mjs" "$@"
  folder=\${folder%/*}
done
`,
  );
  chmodSync(launcher, 0o755);
}

function stageRoot(): void {
  const root = readManifest(".");
  const entry = readManifest("packages/entry");
  for (const path of ["bin", "LICENSE", "README.md", "CHANGELOG.md", "deploy"].filter((path) => existsSync(path))) {
    cpSync(path, join(staging, path), { recursive: true });
  }
  const manifest = {
    name: root.name,
    version: root.version,
    description: root["description"],
    license: root["license"],
    type: "module",
    os: ["linux"],
    bin: { ropewalk: "bin/ropewalk" },
    // The database that entry runs where the machine has none comes as a library, whose programs are no JavaScript.
    optionalDependencies: Object.assign({}, root["optionalDependencies"], entry["optionalDependencies"]),
  };
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
