/** Does what the README says of two machines, with a folder for each and loopback between them: what is typed there works as it stands. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { freePorts } from "@ropewalk/lab/free-ports";
import { StartedPrograms } from "../started-programs.ts";
import { connected, echoed, listen } from "./tunnel-site.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../../README.md"), "utf8");
const [, section = ""] = /^### Tunnel: two machines in five minutes\n([\s\S]*?)^## /m.exec(page) ?? [];

/** What is typed in the blocks of the section, word by word. */
const typed = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = ""]) => block.trimEnd().split("\n"))
  .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""));

/** The files of the section, by the name in the first line of each. */
const files = new Map(
  [...section.matchAll(/^```toml\n# (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = "", text = ""]) => [name, text]),
);

test("two machines are joined by what the README says to type and to write", async () => {
  await using made = new AsyncDisposableStack();
  const hub = made.use(new StartedPrograms());
  const site = made.use(new StartedPrograms());
  const echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
  const target = await listen(echo);
  made.defer(() => void echo.close());
  const [reached = 0, exposed = 0] = await freePorts(2);
  assert.equal(typed.length, 3);
  for (const [npx, ropewalk, ...words] of typed) {
    assert.deepEqual([npx, ropewalk], ["npx", "ropewalk"]);
    const { code, stderr } = await hub.run(...words);
    assert.equal(code, 0, stderr);
  }
  const [, taken = ""] = /Take ([\s\S]*?) to the site/.exec(section) ?? [];
  const carried = [...taken.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  assert.equal(carried.length, 4);
  for (const name of carried) copyFileSync(join(hub.folder, name), join(site.folder, name));
  // What this one machine has instead of two: other ports, no name hub.example, and one loopback HTTP too few.
  const here = (text: string) =>
    `${text}\n[tunnel.http]\nlisten = "off"\n`
      .replace("0.0.0.0:8443", `127.0.0.1:${reached}`)
      .replace("127.0.0.1:22", `127.0.0.1:${target}`)
      .replace('["hub.example:8443"]', `["127.0.0.1:${reached}"]\nserver_names = ["hub.example"]`)
      .replace("port = 2222", `port = ${exposed}`);
  for (const [folder, name] of [
    [hub.folder, "hub.toml"],
    [site.folder, "site.toml"],
  ] as const)
    writeFileSync(join(folder, name), here(files.get(name) ?? assert.fail(`there is no ${name}`)));
  const destination = hub.start("tunnel", "destination", "--config", "hub.toml");
  await destination.until("the destination", () => destination.stderr.includes("the tunnel runs"));
  const source = site.start("tunnel", "source", "--config", "site.toml");
  await source.until("the lane", () => source.stderr.includes("a session begins"));
  const socket = await connected(exposed);
  assert.equal(await echoed(socket, "SSH-2.0-test"), "SSH-2.0-test");
  socket.destroy();
  for (const each of [source, destination]) each.child.kill("SIGTERM");
  for (const each of [source, destination]) assert.equal((await each.ended).code, 0, each.stderr);
});
