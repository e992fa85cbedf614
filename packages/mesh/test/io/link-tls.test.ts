/** Links on loopback: who proves a key is let in, and nobody else, whatever he shows, says, repeats or leaves out. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { connect, createSecureContext, TLSSocket } from "node:tls";
import { encodePrivateKey } from "@ropewalk/crypto/certificates/private-key-file";
import { issueSelfSigned } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import { encodePem } from "@ropewalk/crypto/certificates/pure/pem";
import { parseCommonName } from "@ropewalk/crypto/certificates/pure/subject-names";
import { certificateSigner } from "@ropewalk/crypto/certificates/signer";
import { generateSigningKey, type SigningKey } from "@ropewalk/crypto/signing-key";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import type { ProvedLink } from "@ropewalk/mesh/io/link-handshake";
import { type LinkRefusal, linkIdentity } from "@ropewalk/mesh/io/link-tls";
import { connected, type Outcome, outcomeOf, testNode } from "./link-ends.ts";

const a = testNode();
const b = testNode();
const dialled = { direction: "dialled" } as const;
const accepted = { direction: "accepted" } as const;

function refusalIn(outcome: Outcome): LinkRefusal {
  assert.ok("refused" in outcome, "it was let in");
  return outcome.refused;
}

function close(...sockets: readonly { destroy(): void }[]): void {
  for (const socket of sockets) socket.destroy();
}

/** As a program with these terms dials or accepts, without any judgement of its peer. */
function foreign(
  socket: Socket,
  isServer: boolean,
  terms: Parameters<typeof createSecureContext>[0],
  protocol: string,
) {
  const secureContext = createSecureContext({ minVersion: "TLSv1.3", ...terms });
  const options = { secureContext, ALPNProtocols: [protocol], rejectUnauthorized: false };
  const tls = isServer
    ? new TLSSocket(socket, { isServer: true, requestCert: true, ...options })
    : connect({ socket, ...options });
  return tls.on("error", () => {});
}

/** Certificate and key of one who is not what he should be. */
function credentials(key: SigningKey) {
  const order = {
    name: parseCommonName("somebody") ?? assert.fail(),
    validity: { notBefore: 0, notAfter: Date.UTC(2050, 0, 1) },
    chance: new Uint8Array(20).fill(7),
  };
  return {
    cert: encodePem("CERTIFICATE", issueSelfSigned(order, certificateSigner(key))),
    key: Buffer.from(encodePrivateKey(key).reveal()),
  };
}

test("both ends know who the other is, by the key that he has proved, and octets go both ways", async () => {
  const [one, other] = await connected();
  const [here, there] = await Promise.all([outcomeOf(one, a, dialled), outcomeOf(other, b, accepted)]);
  assert.ok("proved" in here && "proved" in there);
  assert.equal(here.proved.peer, b.address);
  assert.equal(there.proved.peer, a.address);
  assert.deepEqual(here.proved.peerKey, b.key.verifyingKey.raw());
  const hash = createHash("sha256").update(here.proved.peerKey).digest("hex");
  assert.equal(here.proved.peer, hash.slice(0, 32));
  here.proved.stream.write("there");
  there.proved.stream.write("here");
  const [[atThere], [atHere]] = await Promise.all([
    once(there.proved.stream, "data"),
    once(here.proved.stream, "data"),
  ]);
  assert.deepEqual([String(atThere), String(atHere)], ["there", "here"]);
  close(one, other);
});

test("who is expected is let in, and whoever else proves a key is not", async () => {
  for (const [expected, isGood] of [
    [b.address, true],
    [testNode().address, false],
  ] as const) {
    const [one, other] = await connected();
    const [here] = await Promise.all([outcomeOf(one, a, { ...dialled, expected }), outcomeOf(other, b, accepted)]);
    if (isGood) assert.ok("proved" in here);
    else assert.deepEqual(refusalIn(here), { reason: "wrong-peer", peer: b.address });
    close(one, other);
  }
});

test("a node that dials itself is told so at both ends", async () => {
  const [one, other] = await connected();
  const ends = await Promise.all([outcomeOf(one, a, dialled), outcomeOf(other, linkIdentity(a.key), accepted)]);
  for (const end of ends) assert.match(refusalIn(end).reason, /^(self|cut-off|tls)$/);
  assert.ok(ends.some((end) => refusalIn(end).reason === "self"));
  close(one, other);
});

/** A link between a and b through a third, who may change what b says. What b said, and what became of both ends. */
async function through(change: (octets: Buffer) => Buffer) {
  const [[one, towardsOne], [other, towardsOther]] = await Promise.all([connected(), connected()]);
  const said: Buffer[] = [];
  towardsOne.on("data", (octets: Buffer) => towardsOther.write(octets)).on("error", () => {});
  towardsOther
    .on("error", () => {})
    .on("data", (octets: Buffer) => {
      said.push(octets);
      towardsOne.write(change(octets));
    });
  towardsOther.on("close", () => towardsOne.destroy());
  towardsOne.on("close", () => towardsOther.destroy());
  const expected = b.address;
  const ends = await Promise.all([outcomeOf(one, a, { ...dialled, expected }), outcomeOf(other, b, accepted)]);
  close(one, other, towardsOne, towardsOther);
  return { said: Buffer.concat(said), ends };
}

test("what a node has said in a handshake, its certificate too, proves nothing when somebody else says it again", async () => {
  const { said, ends } = await through((octets) => octets);
  assert.ok(ends.every((end) => "proved" in end));
  assert.ok(said.length > 1000, `${said.length} octets`);
  const [victim, replaying] = await connected();
  replaying.once("data", () => replaying.write(said));
  assert.equal(refusalIn(await outcomeOf(victim, a, { ...dialled, expected: b.address })).reason, "tls");
  close(victim, replaying);
});

test("an octet that was changed on the way, wherever in the handshake, is found", async () => {
  const { said } = await through((octets) => octets);
  for (let part = 0; part < 12; part += 1) {
    let before = 0;
    // Behind the head of the first record, which is no octet of the handshake.
    const at = 5 + Math.floor(((said.length - 5) * part) / 12);
    const { ends } = await through((octets) => {
      const changed = Buffer.from(octets);
      const place = at - before;
      before += octets.length;
      if (place >= 0 && place < octets.length) changed[place] = (changed[place] ?? 0) ^ 1;
      return changed;
    });
    assert.ok(
      ends.some((end) => "refused" in end),
      `octet ${at}`,
    );
  }
});

test("a certificate without an Ed25519 key, and none at all, are refused at both ends", async () => {
  for (const algorithm of ["p-256", "ml-dsa-65"] as const) {
    for (const isServer of [true, false]) {
      const [one, other] = await connected();
      const tls = foreign(other, isServer, credentials(generateSigningKey(algorithm)), "ropewalk-mesh/1");
      assert.equal(refusalIn(await outcomeOf(one, a, isServer ? dialled : accepted)).reason, "tls", algorithm);
      close(tls, one);
    }
  }
  const [one, other] = await connected();
  const tls = foreign(other, false, {}, "ropewalk-mesh/1");
  assert.equal(refusalIn(await outcomeOf(one, a, accepted)).reason, "tls");
  close(tls, one);
});

test("nobody is talked down: another version, another group, another cipher, another protocol", async () => {
  const own = credentials(generateSigningKey("ed25519"));
  const terms: readonly (readonly [Parameters<typeof createSecureContext>[0], string])[] = [
    [{ ...own, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }, "ropewalk-mesh/1"],
    [{ ...own, ecdhCurve: "X25519" }, "ropewalk-mesh/1"],
    [{ ...own, ciphers: "TLS_AES_128_GCM_SHA256" }, "ropewalk-mesh/1"],
    [own, "ropewalk-tunnel/1"],
  ];
  for (const [term, protocol] of terms) {
    for (const isServer of [true, false]) {
      const [one, other] = await connected();
      const tls = foreign(other, isServer, term, protocol);
      const { reason } = refusalIn(await outcomeOf(one, a, isServer ? dialled : accepted));
      assert.match(reason, /^(tls|wrong-terms)$/, `${JSON.stringify(term)} ${protocol} ${isServer}`);
      close(tls, one);
    }
  }
});

test("what is no TLS, and an end that goes away, end it at once", async () => {
  for (const isDialled of [true, false]) {
    const [one, other] = await connected();
    other.write("GET / HTTP/1.0\r\n\r\n".repeat(100));
    assert.equal(refusalIn(await outcomeOf(one, a, isDialled ? dialled : accepted)).reason, "tls");
    close(one, other);
    const [left, gone] = await connected();
    const outcome = outcomeOf(left, a, isDialled ? dialled : accepted);
    gone.destroy();
    assert.equal(refusalIn(await outcome).reason, "cut-off");
  }
});

test("who does not answer is cut off at the deadline, and what he had is closed", async () => {
  for (const direction of ["dialled", "accepted"] as const) {
    const clock = new FakeClock();
    const [one, other] = await connected();
    other.resume().on("error", () => {});
    const outcome = outcomeOf(one, a, { direction, clock, within: seconds(10) });
    clock.advance(seconds(10));
    assert.deepEqual(refusalIn(await outcome), { reason: "deadline" });
    await once(other, "close");
    assert.deepEqual(clock.pendingTimers(), []);
  }
});

test("a good link leaves no timer behind", async () => {
  const clock = new FakeClock();
  const [one, other] = await connected();
  await Promise.all([outcomeOf(one, a, { ...dialled, clock }), outcomeOf(other, b, { ...accepted, clock })]);
  assert.deepEqual(clock.pendingTimers(), []);
  close(one, other);
});

test("a link that its owner does not want is destroyed by him at once, and nobody else fails by it", async () => {
  for (const unwanting of ["dialled", "accepted"] as const) {
    const [one, other] = await connected();
    const ended = once(other, "close");
    const destroy = ({ stream }: ProvedLink) => void stream.on("error", () => {}).destroy();
    const both = { dialled: { ...dialled }, accepted: { ...accepted } };
    const done = Promise.withResolvers<void>();
    const onProved = (link: ProvedLink) => {
      destroy(link);
      done.resolve();
    };
    void outcomeOf(one, a, unwanting === "dialled" ? { ...both.dialled, onProved } : both.dialled);
    void outcomeOf(other, b, unwanting === "accepted" ? { ...both.accepted, onProved } : both.accepted);
    await Promise.all([done.promise, ended]);
  }
});
