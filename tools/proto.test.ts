/** What is made of .proto files is what is committed beside them. */
import assert from "node:assert/strict";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { generate, protoFolders } from "./proto.ts";

for (const folder of protoFolders()) {
  test(`what npm run proto makes of ${folder} is committed`, () => {
    const into = mkdtempSync(join(tmpdir(), "ropewalk-proto-"));
    try {
      generate(folder, into);
      const of = (root: string) =>
        globSync("**/*.ts", { cwd: root }).map((path) => [path, readFileSync(join(root, path), "utf8")]);
      assert.deepEqual(of(join(folder, "generated")), of(into));
    } finally {
      rmSync(into, { recursive: true });
    }
  });
}
