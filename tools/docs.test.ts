/** Runs what the documents show: every `ts` block of a README is a program that must end well, every link must lead somewhere. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const documents = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "apps/*/README.md"]).toSorted();
const run = promisify(execFile);

for (const document of documents) {
  const text = readFileSync(document, "utf8");

  test(`links of ${document} lead somewhere`, () => {
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/.test(target)) continue;
      const [path = ""] = target.split("#");
      assert.ok(existsSync(resolve(dirname(document), path)), `${document} links to ${target}`);
    }
  });

  for (const [index, [, code = ""]] of [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].entries()) {
    test(`example ${index + 1} of ${document} runs`, { timeout: 60_000 }, async () => {
      // Inside the package, so that names resolve as they do for its reader.
      mkdirSync("build", { recursive: true });
      const folder = mkdtempSync(join(dirname(document), ".example-"));
      try {
        const file = join(folder, "example.ts");
        writeFileSync(file, code);
        await run(process.execPath, [...process.execArgv.filter((flag) => !flag.startsWith("--test")), file], {
          timeout: 55_000,
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
}
