/** What a command says of a daemon that does not answer as it should. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { askDaemon } from "../src/local-api/connect.ts";

test("a daemon that dies over a question is no defect of who asked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  const dying = createServer((connection) => void connection.once("data", () => connection.destroy()));
  try {
    mkdirSync(join(folder, "run"));
    await new Promise<void>((resolve) => dying.listen(join(folder, "run/ropewalk.sock"), resolve));
    const environment = { ROPEWALK_RUNTIME_DIR: join(folder, "run") };
    const user = { uid: 0, home: folder, temporaryDirectory: folder };
    const context = { environment, user, program: "ropewalk" };
    await assert.rejects(
      askDaemon(context, (client, signal) => client.status(signal)),
      { code: "APP_CUT_SHORT", message: /ended before it answered/ },
    );
  } finally {
    await new Promise((resolve) => dying.close(resolve));
    rmSync(folder, { recursive: true });
  }
});
