/** Mode hybrid with real McEliece: keys cross once, ends that lie about their keys are refused, and the modes do not mix. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect as dialTls } from "node:tls";
import { encodeKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import { encodeKemPin } from "@ropewalk/crypto/certificates/pure/kem-pin";
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import { encodeMessage, mceliece460896 } from "@ropewalk/tunnel/pure/handshake/message";
import { IdentityFolder, issue } from "../throw-away-authority.ts";
import { connectedSockets, handshakeOver, meet, said, startThread, taskOf } from "./two-threads.ts";

const folder = new IdentityFolder();
const threads = new AsyncDisposableStack();
const ca = issue({ name: "CA of the tunnel", isCa: true });
const keyFolder = join(folder.path, "kem-keys");
let siteFiles: IdentityFiles;
let source: HandshakeThread;
let destination: HandshakeThread;

before(async () => {
  // One pair for both ends, since to make one takes seconds.
  await using workers = createMcElieceWorkers({ count: 1 }, { clock: createSystemClock() });
  using pair = await workers.generate();
  const kemKey = folder.put("end.kem", encodeKemKey(pair).reveal());
  const pin = encodeKemPin(pair.publicKey.sha384);
  const site = issue({ ca, name: "site", names: ["site.example", pin], usage: "client" });
  const hub = issue({ ca, name: "hub", names: ["hub.example", pin], usage: "server" });
  siteFiles = { ...folder.identity("site", site, [ca]), kemKey };
  [source, destination] = await Promise.all([
    startThread(siteFiles, keyFolder),
    startThread({ ...folder.identity("hub", hub, [ca]), kemKey }),
  ]);
  threads.use(source);
  threads.use(destination);
});
after(async () => {
  await threads.disposeAsync();
  folder[Symbol.dispose]();
});

const hybrid = { mode: "hybrid" } as const;

test("the first handshake brings the keys across and keeps them, the next needs none; both ends have one secret, never the same", async () => {
  const secrets = new Set<string>();
  for (let round = 0; round < 2; round += 1) {
    const met = await meet({ thread: source, task: hybrid }, { thread: destination, task: hybrid });
    assert(
      met.source.kind === "established" && met.destination.kind === "established",
      said(met.source, met.destination),
    );
    const [one, other] = [met.source.established.session, met.destination.established.session];
    assert.deepEqual([one.mode, one.epochSecret], ["hybrid", other.epochSecret]);
    secrets.add(one.epochSecret.toHex());
    assert.equal(readdirSync(keyFolder).length, 1);
  }
  assert.equal(secrets.size, 2);
});

test("two ends of different modes refuse each other, and neither gives way", async () => {
  const met = await meet({ thread: source, task: hybrid }, { thread: destination });
  assert(met.source.kind === "refused" && met.destination.kind === "refused", said(met.source, met.destination));
  for (const { refusal } of [met.source, met.destination]) assert.equal(refusal.reason, "mode-mismatch");
});

test("an end whose certificate names no key is refused in mode hybrid", async () => {
  const plain = issue({ ca, name: "plain site", names: ["site.example"], usage: "client" });
  await source.use(folder.identity("plain", plain, [ca]));
  const met = await meet({ thread: source, task: hybrid }, { thread: destination, task: hybrid });
  await source.use(siteFiles);
  assert(met.destination.kind === "refused", said(met.source, met.destination));
  assert.equal(met.destination.refusal.reason, "peer-unpinned");
});

test("a peer that proves who it is, and then sends another McEliece key than its certificate names, is refused before anything is made with that key", async () => {
  const names = ["liar.example", encodeKemPin(new Uint8Array(48).fill(7))];
  const { certificate: cert, key } = issue({ ca, name: "liar", names, usage: "client" });
  await using sockets = await connectedSockets();
  const honest = handshakeOver(sockets.destination, destination, taskOf("destination", hybrid));
  const tls = dialTls({
    ...{ socket: sockets.source, cert, key, rejectUnauthorized: false, checkServerIdentity: () => undefined },
    ...{ minVersion: "TLSv1.3", ecdhCurve: "X25519MLKEM768", sigalgs: "mldsa65", ALPNProtocols: ["ropewalk-tunnel/1"] },
  }).on("error", () => {});
  // The destination greets whom it knows, and takes so much from nobody else.
  await once(tls, "data");
  const said = { leastVersion: 1, mostVersion: 1, capabilities: 0, random: new Uint8Array(32) };
  tls.write(encodeMessage({ type: "hello", role: "source", mode: "hybrid", kemKey: "held", ...said }));
  tls.write(encodeMessage({ type: "kem-key", publicKey: new Uint8Array(mceliece460896.publicKeyLength) }));
  const outcome = await honest;
  tls.destroy();
  assert(outcome.kind === "refused");
  assert.deepEqual([outcome.refusal.by, outcome.refusal.reason], ["us", "kem-key-mismatch"]);
});
