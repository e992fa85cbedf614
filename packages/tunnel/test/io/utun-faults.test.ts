/** Faults that a tunnel before this one had in its handshake, of those that show in TLS and in files, each as a sentence that holds here. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import { encodeMessage, type Role } from "@ropewalk/tunnel/pure/handshake/message";
import type { Refusal } from "@ropewalk/tunnel/pure/refusal";
import { IdentityFolder, type Issued, issue } from "../throw-away-authority.ts";
import { RewritingPeer, type Shown } from "./rewritten-flight.ts";
import { connectedSockets, handshakeOver, meet, type Outcome, said, startThread, taskOf } from "./two-threads.ts";

const folder = new IdentityFolder();
const threads = new AsyncDisposableStack();
const ca = issue({ name: "CA of the tunnel", isCa: true });
const ends: Readonly<Record<Role, Issued>> = {
  source: issue({ ca, name: "site", names: ["site.example"], usage: "client" }),
  destination: issue({ ca, name: "hub", names: ["hub.example"], usage: "server" }),
};
const files: Readonly<Record<Role, IdentityFiles>> = {
  source: folder.identity("site", ends.source, [ca]),
  destination: folder.identity("hub", ends.destination, [ca]),
};
const roles: readonly Role[] = ["source", "destination"];
const otherOf = (role: Role): Role => (role === "source" ? "destination" : "source");
let honest: Readonly<Record<Role, HandshakeThread>>;
/** These take other files. */
let changing: typeof honest;

before(async () => {
  const source = threads.use(await startThread(files.source));
  const destination = threads.use(await startThread(files.destination));
  honest = { source, destination };
  changing = {
    source: threads.use(await startThread(files.source)),
    destination: threads.use(await startThread(files.destination)),
  };
});
after(async () => {
  await threads.disposeAsync();
  folder[Symbol.dispose]();
});

/** What an honest end says of a peer in `role` that shows this. */
async function shownTo(
  role: Role,
  shown: Shown,
): Promise<{ readonly refusal: Refusal; readonly answered: readonly number[] }> {
  await using sockets = await connectedSockets();
  using peer = new RewritingPeer(sockets[role], role, shown);
  const other = otherOf(role);
  const outcome = handshakeOver(sockets[other], honest[other], taskOf(other));
  // Long enough for a hello inside TLS, and what comes before it: then this peer has nothing more to say.
  sockets[role].on("data", () => {
    if (peer.answered.includes(helloRecord)) sockets[role].destroy();
  });
  const settled = await outcome;
  assert(settled.kind === "refused", said(settled));

  return { refusal: settled.refusal, answered: peer.answered };
}

/** A hello of this version, the type of what is inside, and the tag. */
const helloRecord =
  encodeMessage({
    ...{ type: "hello", leastVersion: 1, mostVersion: 1, role: "source", mode: "mlkem768", kemKey: "none" },
    ...{ capabilities: 0, random: new Uint8Array(32) },
  }).length +
  1 +
  16;

for (const role of roles) {
  test(`who shows the certificate of a ${role} that it saw, and has not its key, is refused before any greeting`, async () => {
    const { der: certificate, privateKey } = ends[role];
    const usage = role === "source" ? "client" : "server";
    const thief = issue({ ca, name: "thief", names: ["thief.example"], usage });
    const stolen = await shownTo(role, { own: thief, certificate, signsWith: thief.privateKey });
    assert.deepEqual([stolen.refusal.by, stolen.refusal.reason], ["us", "bad-signature"]);
    assert.ok(!stolen.answered.includes(helloRecord));
    const owner = await shownTo(role, { own: thief, certificate, signsWith: privateKey });
    assert.deepEqual(owner.refusal.reason, "cut-off", "with its key the same flight is good");
    assert.ok(owner.answered.includes(helloRecord));
  });
}

test("a certificate of a client is none of a server, nor the other way round, and who is no CA vouches for nobody", async () => {
  const usage = { source: "client", destination: "server" } as const;
  for (const role of roles) {
    const other = otherOf(role);
    const wrong = issue({ ca, name: `${role} in the other's place`, names: ["end.example"], usage: usage[other] });
    const vouched = issue({
      ca: ends[role],
      name: `vouched for by a ${role}`,
      names: ["end.example"],
      usage: usage[role],
    });
    const chain = { ...vouched, certificate: vouched.certificate + ends[role].certificate };
    for (const [shown, reason] of [
      [wrong, "wrong-role"],
      [chain, "not-a-ca"],
    ] as const) {
      await changing[role].use(folder.identity("shown", shown, [ca]));
      const met = await meetAs(role, changing[role]);
      assert(met.kind === "refused", said(met));
      assert.deepEqual([met.refusal.by, met.refusal.reason], ["us", reason], role);
    }
  }
});

test("PEM is not taken for DER, nor DER for PEM: either form at either end is the same end", async () => {
  const seen = new Set<string>();
  for (const source of ["PEM", "DER"] as const) {
    for (const destination of ["PEM", "DER"] as const) {
      await changing.source.use(inForm("source", source));
      await changing.destination.use(inForm("destination", destination));
      const met = await meet({ thread: changing.source }, { thread: changing.destination });
      assert(
        met.source.kind === "established" && met.destination.kind === "established",
        said(met.source, met.destination),
      );
      const shown = [met.destination.established.peer.leaf, met.source.established.peer.leaf];
      seen.add(shown.map(({ fingerprint }) => fingerprint).join(" "));
      assert.deepEqual(met.source.established.session.epochSecret, met.destination.established.session.epochSecret);
    }
  }
  assert.equal(seen.size, 1);
});

/** Files of `role` of which all are in this form. */
function inForm(role: Role, form: "PEM" | "DER"): IdentityFiles {
  if (form === "PEM") return files[role];
  const { der, privateKey } = ends[role];
  return {
    ...files[role],
    certificate: folder.put(`${role}.der`, der),
    key: folder.put(`${role}.key.der`, privateKey.export({ type: "pkcs8", format: "der" })),
    authorities: [folder.put("ca.der", ca.der)],
  };
}

/** What the honest end says of `thread` in `role`. */
async function meetAs(role: Role, thread: HandshakeThread): Promise<Outcome> {
  const there = otherOf(role);
  const sides = { source: { thread }, destination: { thread }, [there]: { thread: honest[there] } };
  return (await meet(sides.source, sides.destination))[there];
}
