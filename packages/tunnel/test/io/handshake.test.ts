/** The whole handshake over real sockets and threads: what both ends agree on, and what each says of one that it refuses. */
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { after, before, suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { Refusal } from "@ropewalk/tunnel/pure/refusal";
import { IdentityFolder, issue, revocationList, type Wanted } from "../throw-away-authority.ts";
import {
  connectedSockets,
  handshakeOver,
  meet,
  type Outcome,
  type Side,
  said,
  startThread,
  taskOf,
} from "./two-threads.ts";

const day = 86_400_000;

type Changes = Partial<Omit<Wanted, "name">>;

suite("a handshake between two ends of one CA", () => {
  const folder = new IdentityFolder();
  const ca = issue({ name: "CA of the tunnel", isCa: true });
  const threads = new AsyncDisposableStack();
  let source: HandshakeThread;
  let destination: HandshakeThread;

  /** Takes another identity for every test. */
  let other: HandshakeThread;

  const files = (wanted: Wanted) => folder.identity(wanted.name, issue(wanted), [ca]);

  before(async () => {
    const site = files({ ca, name: "site", names: ["site.example"], usage: "client" });
    [source, destination, other] = await Promise.all([
      startThread(site),
      startThread(files({ ca, name: "hub", names: ["hub.example"], usage: "server" })),
      startThread(site),
    ]);
    for (const thread of [source, destination, other]) threads.use(thread);
  });
  after(async () => {
    await threads.disposeAsync();
    folder[Symbol.dispose]();
  });

  test("both know the other by its certificate, and have the same session and secret", async () => {
    const { source: one, destination: two } = await meet({ thread: source }, { thread: destination });
    assert(one.kind === "established" && two.kind === "established", said(one, two));
    assert.deepEqual(one.established.peer.leaf.names.dns, ["hub.example"]);
    assert.deepEqual(two.established.peer.leaf.names.dns, ["site.example"]);
    assert.deepEqual(one.established.session.epochSecret, two.established.session.epochSecret);
    assert.deepEqual(one.established.session.id, two.established.session.id);
    assert.deepEqual(one.established.negotiated, {
      tlsVersion: "TLSv1.3",
      group: "X25519MLKEM768",
      cipher: "TLS_AES_256_GCM_SHA384",
      signature: "mldsa65",
      protocol: "ropewalk-tunnel/1",
    });
  });

  test("whichever end ends a session, both connections close without waiting for time to pass", async () => {
    for (const who of ["source", "destination"] as const) {
      await using sockets = await connectedSockets();
      const [one, two] = await Promise.all([
        handshakeOver(sockets.source, source, taskOf("source")),
        handshakeOver(sockets.destination, destination, taskOf("destination")),
      ]);
      assert(one.kind === "established" && two.kind === "established", said(one, two));
      (who === "source" ? one : two).connection.end();
      const tooLate = new AbortController();
      await Promise.race([
        Promise.all([one.connection.closed, two.connection.closed]),
        // Who does not hear of the end closes after two seconds.
        delay(1_800, undefined, { signal: tooLate.signal }).then(() => assert.fail("they wait for time to pass")),
      ]);
      tooLate.abort();
    }
  });

  test("a connection that is gone before the thread has it is refused, and the next one is none the worse", async () => {
    const troubles: string[] = [];
    const refusal = await new Promise<Refusal>((resolve) => {
      const onEstablished = () => assert.fail("there is nobody to agree with");
      const onTrouble = (reason: string) => void troubles.push(reason);
      source.begin(taskOf("source"), new Socket(), { onEstablished, onRefused: resolve, onTrouble });
    });
    assert.equal(refusal.reason, "cut-off");
    assert.match(troubles.join(), /cannot be given to another thread/);
    const { source: one } = await meet({ thread: source }, { thread: destination });
    assert.equal(one.kind, "established", said(one));
  });

  const strangers = issue({ name: "CA of others", isCa: true });
  const past = { from: new Date(Date.now() - 2 * day), to: new Date(Date.now() - day) };
  const future = { from: new Date(Date.now() + day), to: new Date(Date.now() + 2 * day) };
  const cases: readonly (readonly [reason: Refusal["reason"], client: Changes, server: Changes])[] = [
    ["unknown-authority", { ca: strangers }, { ca: strangers }],
    ["wrong-role", { usage: "server" }, { usage: "client" }],
    ["self-signed", { ca: undefined }, { ca: undefined }],
    ["expired", past, past],
    ["not-yet-valid", future, future],
  ];
  for (const [reason, client, server] of cases) {
    test(`a source's certificate is refused: ${reason}; both ends say so`, async () => {
      await other.use(files({ ca, name: `client ${reason}`, names: ["site.example"], usage: "client", ...client }));
      assertRefused(await meet({ thread: other }, { thread: destination }), "destination", reason);
    });
    test(`a destination's certificate is refused: ${reason}; both ends say so`, async () => {
      await other.use(files({ ca, name: `server ${reason}`, names: ["hub.example"], usage: "server", ...server }));
      assertRefused(await meet({ thread: source }, { thread: other }), "source", reason);
    });
  }

  test("lists of revoked certificates: one that names the peer, one that has ended, one of another CA, and none", async () => {
    const site = issue({ ca, name: "revoked site", names: ["site.example"], usage: "client" });
    await other.use(folder.identity("revoked", site, [ca]));
    const hub = issue({ ca, name: "hub with lists", names: ["hub.example"], usage: "server" });
    const lists: readonly (readonly [list: string, reason: Refusal["reason"] | undefined])[] = [
      [revocationList(ca, []), undefined],
      [revocationList(ca, [site]), "revoked"],
      [revocationList(ca, [], past), "revocation-list-expired"],
      [revocationList(strangers, []), "revocation-list-missing"],
    ];
    const judge = threads.use(await startThread(folder.identity("judge", hub, [ca])));
    for (const [list, reason] of lists) {
      const revocationLists = [folder.put("ca.crl", list)];
      await judge.use({ ...folder.identity("judge", hub, [ca]), revocationLists });
      const met = await meet({ thread: other }, { thread: judge });
      if (reason === undefined) assert.equal(met.destination.kind, "established");
      else assertRefused(met, "destination", reason);
    }
  });

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
