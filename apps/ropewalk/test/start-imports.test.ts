/** What the start of a node loads, followed from file to file as Node does: who is killed is back only when all of it is loaded. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** What no start of a node has a use for, and how long it would take of it where that is long. */
const unused: Readonly<Record<string, RegExp>> = {
  "the library of ASN.1, a tenth": /^@peculiar\//,
  "all of the client for Prometheus, with HTTP and OpenTelemetry, a tenth": /^@prometheus-io\/client$/,
  "a client's WebSocket, with Node's HTTP, a twentieth": /^node:https?$/,
  "what checks a node's answers where they arrive":
    /^@ropewalk\/api\/.*(?:client|schema)|\/(?:http|mesh|explanation)-schema\.ts$/,
};

/** `import type` is not there any more when it runs. */
const importing = /^(?:import|export)\s(?!type\s)(?:[^"';]*?\sfrom\s)?"([^"]+)"/gm;

function loadedFrom(...files: readonly URL[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const follow = (file: URL) => {
    if (loaded.has(file.href)) return;
    loaded.add(file.href);
    for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(importing)) {
      if (specifier.startsWith(".")) follow(new URL(specifier, file));
      else if (specifier.startsWith("@ropewalk/")) follow(new URL(import.meta.resolve(specifier)));
      loaded.add(specifier);
    }
  };
  for (const file of files) follow(file);
  return loaded;
}

test("the start of a node with a mesh loads no library that it has no use for", () => {
  const source = (path: string) => new URL(`../src/${path}`, import.meta.url);
  const parts = ["main.ts", "commands/node.ts", "compose/mesh/start-mesh.ts", "compose/api-servers.ts"];
  const loaded = loadedFrom(...parts.map(source));
  assert.ok(loaded.has("zod") && loaded.has("node:tls"), "the way through the files is lost");
  for (const [what, pattern] of Object.entries(unused)) {
    const found = [...loaded].filter((specifier) => pattern.test(specifier));
    assert.deepEqual(found, [], what);
  }
});
