/**
 * Holds the table of ARCHITECTURE.md: who may import whom, what `pure/` may not touch, and what each file and package
 * owes its reader. A new edge is a design decision: change it there first, then here.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "packages/kernel": [],
  "packages/ops": ["kernel"],
  "packages/host": ["kernel"],
  "packages/api": ["kernel"],
  "packages/lab": ["kernel"],
  "packages/simnet": ["kernel"],
  "packages/crypto": ["kernel"],
  "packages/backhaul": ["kernel", "ops", "host"],
  "packages/tunnel": ["kernel", "ops", "host", "crypto"],
  "packages/mesh": ["kernel", "ops", "host", "crypto"],
  "packages/vpn": ["kernel", "ops", "host", "crypto", "api"],
  "packages/entry": ["kernel", "ops", "crypto", "api"],
  "apps/ropewalk": ["kernel", "ops", "host", "api", "crypto", "backhaul", "tunnel", "mesh", "vpn", "entry"],
};
/** Packages that tests and benches may use besides. */
const TEST_ONLY = ["lab", "simnet"];
const BROWSER_SAFE = ["packages/kernel", "packages/api"];
/** Each package that touches C does so in one file. */
const NATIVE = [
  "packages/host/src/linux/native.ts",
  "packages/host/src/linux/native-tcp.ts",
  "packages/host/src/linux/native-poll.ts",
  "packages/host/src/linux/native-gcm.ts",
  "packages/host/src/linux/native-nft.ts",
  "packages/lab/src/native.ts",
];
/** The one reader of the environment and the arguments; the lab is a program of its own. */
const READS_ENVIRONMENT = ["apps/ropewalk/src/main.ts", "packages/lab/src/main.ts"];

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g;
const AMBIENT =
  /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|getRandomValues|setTimeout|setInterval|setImmediate|process\.|async |await |Promise\b)/;

const sources = globSync(["packages/*/src/**/*.{ts,tsx}", "apps/*/src/**/*.{ts,tsx}"]).toSorted();
const tests = globSync(["packages/*/test/**/*.ts", "apps/*/test/**/*.ts"]).toSorted();
const ownerOf = (file: string) => file.split("/").slice(0, 2).join("/");
const specifiersOf = (source: string) => [...source.matchAll(SPECIFIER)].map(([, specifier = ""]) => specifier);
const stripComments = (source: string) => source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

for (const file of sources) {
  test(`${file} keeps to its layer`, () => {
    const source = readFileSync(file, "utf8");
    const owner = ownerOf(file);
    for (const specifier of specifiersOf(stripComments(source))) {
      const target = /^@ropewalk\/([^/]+)/.exec(specifier)?.[1];
      if (target !== undefined) assert.ok(MAY_IMPORT[owner]?.includes(target), `${owner} may not import ${target}`);
      if (BROWSER_SAFE.includes(owner)) assert.doesNotMatch(specifier, /^node:/, "a browser must be able to load this");
      if (specifier === "node:ffi")
        assert.ok(NATIVE.includes(file), "C is called from five files of host and one of lab");
      if (file.includes("/pure/")) {
        assert.doesNotMatch(specifier, /^node:|\/io\/|service\.ts$/, "pure code knows neither Node nor its shell");
      }
    }
    const code = stripComments(source);
    if (file.includes("/pure/")) assert.doesNotMatch(code, AMBIENT, "pure code takes time and chance as arguments");
    if (!READS_ENVIRONMENT.includes(file)) {
      assert.doesNotMatch(code, /process\.(?:env|argv)\b/, "only main.ts reads the environment and the arguments");
    }
    assert.match(source, /^(?:#!.*\n)?(?:\/\*\*|\/\/ )/, "a file opens by saying what it is");
  });
}

for (const file of tests) {
  test(`${file} imports only its own package, what that may import, the lab and simnet`, () => {
    const owner = ownerOf(file);
    const allowed = [...(MAY_IMPORT[owner] ?? []), ...TEST_ONLY, owner.split("/")[1] ?? ""];
    for (const specifier of specifiersOf(readFileSync(file, "utf8"))) {
      const target = /^@ropewalk\/([^/]+)/.exec(specifier)?.[1];
      if (target !== undefined && target !== "app")
        assert.ok(allowed.includes(target), `${owner}'s tests may not import ${target}`);
    }
  });
}

for (const owner of Object.keys(MAY_IMPORT)) {
  test(`${owner} introduces itself and declares what it imports`, () => {
    assert.ok(existsSync(`${owner}/README.md`), "a package has a README.md");
    const manifest = JSON.parse(readFileSync(`${owner}/package.json`, "utf8"));
    const declared = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith("@ropewalk/"));
    for (const name of declared)
      assert.ok(MAY_IMPORT[owner]?.includes(name.slice("@ropewalk/".length)), `${name} is outside the table`);
    const references: { path: string }[] = JSON.parse(readFileSync(`${owner}/tsconfig.json`, "utf8")).references ?? [];
    assert.deepEqual(
      references.map(({ path }) => path.split("/").at(-1)).toSorted(),
      declared.map((name) => name.slice("@ropewalk/".length)).toSorted(),
      "tsconfig references are the declared packages",
    );
  });
}

test("every workspace is in the table", () => {
  const workspaces = globSync(["packages/*/package.json", "apps/*/package.json"]).map((file) => ownerOf(file));
  assert.deepEqual(workspaces.toSorted(), Object.keys(MAY_IMPORT).toSorted());
});
