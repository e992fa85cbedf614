/** Files of an identity that change under a running end. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { after, before, test } from "node:test";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { IdentityKeeper } from "@ropewalk/tunnel/identity-keeper";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import { startThread } from "./io/two-threads.ts";
import { IdentityFolder, issue, revocationList } from "./throw-away-authority.ts";

const folder = new IdentityFolder();
const ca = issue({ name: "CA", isCa: true });
const hub = (serial: string) => issue({ ca, name: `hub ${serial}`, names: ["hub.example"], usage: "server" });
const files: IdentityFiles = {
  ...folder.identity("hub", hub("1"), [ca]),
  revocationLists: [folder.put("ca.crl", revocationList(ca, []))],
};
let thread: HandshakeThread;
before(async () => {
  thread = await startThread(files);
});
after(async () => {
  await thread[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A keeper, and what it says: ["changed", subject], ["kept", reason]. */
function keep() {
  const said = new EventEmitter();
  const keeper = new IdentityKeeper({
    ...{ files, role: "destination", thread, clock: createSystemClock() },
    onChanged: ({ leaf }) => said.emit("said", "changed", leaf.subject),
    onKept: (reason) => said.emit("said", "kept", reason),
  });
  return { keeper, next: () => once(said, "said") };
}

test("files that are replaced are in use soon after, without being asked for; what cannot be used is said, and the old stays", async () => {
  const { keeper, next } = keep();
  using _keeper = keeper;
  let saying = next();
  folder.identity("hub", hub("2"), [ca]);
  assert.deepEqual(await saying, ["changed", "CN=hub 2"]);
  saying = next();
  folder.put("hub.crt", "no certificate");
  const [kind, reason] = await saying;
  assert.equal(kind, "kept");
  assert.match(reason, /hub\.crt: /);
  assert.equal(thread.facts.leaf.subject, "CN=hub 2");
});

test("a certificate that has expired, or is for the other role, does not take the place of a good one", async () => {
  folder.identity("hub", hub("3"), [ca]);
  await thread.use(files);
  const { keeper, next } = keep();
  using _keeper = keeper;
  const to = new Date(Date.now() - 1000);
  const bad = [
    issue({ ca, name: "hub 4", names: ["hub.example"], usage: "server", to }),
    issue({ ca, name: "hub 5", names: ["hub.example"], usage: "client" }),
  ];
  for (const each of bad) {
    folder.identity("hub", each, [ca]);
    const saying = next();
    await keeper.reload();
    assert.equal((await saying)[0], "kept");
    assert.equal(thread.facts.leaf.subject, "CN=hub 3");
  }
});

test("a reload of what has not changed says nothing", async () => {
  folder.identity("hub", hub("6"), [ca]);
  await thread.use(files);
  const { keeper, next } = keep();
  using _keeper = keeper;
  const saying = next();
  await keeper.reload();
  folder.put("ca.crl", revocationList(ca, [hub("7")]));
  await keeper.reload();
  assert.deepEqual(await saying, ["changed", "CN=hub 6"]);
  assert.equal(thread.facts.trust.crls[0]?.revoked.length, 1);
});
