/** The whole handshake over real sockets and threads: what both ends agree on, and what each says of one that it refuses. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { Refusal } from "@ropewalk/tunnel/pure/refusal";
import { IdentityFolder, type Issued, issue, type Wanted } from "../throw-away-authority.ts";
import { meet, type Outcome, type Side, said, startThread } from "./two-threads.ts";

const day = 86_400_000;

suite("a handshake between two ends of one CA", () => {
  const folder = new IdentityFolder();
  const ca = issue({ name: "CA of the tunnel", isCa: true });
  const threads = new AsyncDisposableStack();
  let source: HandshakeThread;
  let destination: HandshakeThread;

  async function thread(name: string, wanted: Wanted, trusts: readonly Issued[] = [ca]): Promise<HandshakeThread> {
    const files = folder.identity(name, issue(wanted), trusts);
    return threads.use(await startThread(files));
  }

  before(async () => {
    source = await thread("source", { ca, name: "site", names: ["site.example"], usage: "client" });
    destination = await thread("destination", { ca, name: "hub", names: ["hub.example"], usage: "server" });
  });
  after(async () => {
    await threads.disposeAsync();
    folder[Symbol.dispose]();
  });

  test("both know the other by its certificate, and have the same session and secret", async () => {
    const { source: one, destination: other } = await meet({ thread: source }, { thread: destination });
    assert(one.kind === "established" && other.kind === "established", said(one, other));
    assert.deepEqual(one.established.peer.leaf.names.dns, ["hub.example"]);
    assert.deepEqual(other.established.peer.leaf.names.dns, ["site.example"]);
    assert.deepEqual(one.established.session.epochSecret, other.established.session.epochSecret);
    assert.deepEqual(one.established.session.id, other.established.session.id);
    assert.deepEqual(one.established.negotiated, {
      tlsVersion: "TLSv1.3",
      group: "X25519MLKEM768",
      cipher: "TLS_AES_256_GCM_SHA384",
      signature: "mldsa65",
      protocol: "ropewalk-tunnel/1",
    });
  });

  const strangers = issue({ name: "CA of others", isCa: true });
  const past = { from: new Date(Date.now() - 2 * day), to: new Date(Date.now() - day) };
  const future = { from: new Date(Date.now() + day), to: new Date(Date.now() + 2 * day) };
  const cases: readonly (readonly [reason: Refusal["reason"], client: Partial<Wanted>, server: Partial<Wanted>])[] = [
    ["unknown-authority", { ca: strangers }, { ca: strangers }],
    ["wrong-role", { usage: "server" }, { usage: "client" }],
    ["expired", past, past],
    ["not-yet-valid", future, future],
  ];
  for (const [reason, client, server] of cases) {
    test(`a source's certificate is refused: ${reason}; both ends say so`, async () => {
      const name = `source ${reason}`;
      const bad = await thread(name, { ca, name: "site", names: ["site.example"], usage: "client", ...client });
      assertRefused(await meet({ thread: bad }, { thread: destination }), "destination", reason);
    });
    test(`a destination's certificate is refused: ${reason}; both ends say so`, async () => {
      const name = `destination ${reason}`;
      const bad = await thread(name, { ca, name: "hub", names: ["hub.example"], usage: "server", ...server });
      assertRefused(await meet({ thread: source }, { thread: bad }), "source", reason);
    });
  }

  test("a name that is not allowed is refused at either end, and both say so", async () => {
    const allow = ["another.example"];
    const good: Side = { thread: source };
    assertRefused(await meet({ ...good, task: { allow } }, { thread: destination }), "source", "name-not-allowed");
    assertRefused(await meet(good, { thread: destination, task: { allow } }), "destination", "name-not-allowed");
  });
});

function assertRefused(met: { source: Outcome; destination: Outcome }, by: keyof typeof met, reason: string): void {
  const [here, there] = by === "source" ? [met.source, met.destination] : [met.destination, met.source];
  assert(here.kind === "refused" && there.kind === "refused", said(met.source, met.destination));
  assert.deepEqual([here.refusal.by, here.refusal.reason], ["us", reason]);
  assert.deepEqual([there.refusal.by, there.refusal.reason], ["peer", reason]);
}
