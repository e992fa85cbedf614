import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { deadlineOf } from "@ropewalk/tunnel/pure/handshake/handshake";
import type { HandshakeFacts } from "@ropewalk/tunnel/pure/handshake/handshake-state";
import { encodeMessage, type Mode, messageType, type Role } from "@ropewalk/tunnel/pure/handshake/message";
import { converse, End, factsOf, identities, kemPair, knowing, type Tamper, type TwoEnds } from "./two-ends.ts";

const modes: readonly Mode[] = ["hybrid", "mlkem768"];
const roles: readonly Role[] = ["source", "destination"];

function agreed({ source, destination }: TwoEnds) {
  assert.deepEqual([source.failure, destination.failure], [undefined, undefined]);
  assert.ok(source.session !== undefined && destination.session !== undefined);
  return [source.session, destination.session] as const;
}

const reasons = ({ source, destination }: TwoEnds) => [source.failure?.reason, destination.failure?.reason];
const nobodyHasASession = ({ source, destination }: TwoEnds) =>
  assert.deepEqual([source.session, destination.session], [undefined, undefined]);
const typesOf = (end: End) => end.sent.map(([type]) => type);

/** The facts of both, one of them otherwise. */
function otherwise(role: Role, change: Partial<HandshakeFacts>): readonly [HandshakeFacts, HandshakeFacts] {
  const [source, destination] = [factsOf("source"), factsOf("destination")];
  return role === "source" ? [{ ...source, ...change }, destination] : [source, { ...destination, ...change }];
}

test("both ends get the same session, in either mode, and no two handshakes the same", () => {
  const seen = new Set<string>();
  for (const mode of [...modes, ...modes]) {
    const [source, destination] = agreed(converse(factsOf("source", mode), factsOf("destination", mode)));
    assert.deepEqual({ ...source, role: "destination" }, destination);
    assert.deepEqual([source.role, source.mode, source.version, source.id.length], ["source", mode, 1, 16]);
    seen.add(source.id.toHex()).add(source.epochSecret.toHex()).add(source.transcript.toHex());
  }
  assert.equal(seen.size, 12);
});

test("a KEM key is sent once asked for and kept, and not where it is held", () => {
  const { hello, kemKey, kemCiphertext, finished } = messageType;
  const first = converse(factsOf("source"), factsOf("destination"));
  assert.deepEqual(typesOf(first.source), [hello, kemKey, kemCiphertext, finished]);
  assert.deepEqual(
    first.source.kept.map((key) => key.toHex()),
    [identities.destination.kem.publicKey.toHex()],
  );
  const again = converse(knowing(factsOf("source")), knowing(factsOf("destination")));
  agreed(again);
  for (const end of [again.source, again.destination]) {
    assert.deepEqual([typesOf(end), end.kept], [[hello, kemCiphertext, finished], []]);
  }
  const half = converse(knowing(factsOf("source")), factsOf("destination"));
  agreed(half);
  assert.deepEqual(typesOf(half.source), [hello, kemCiphertext, kemKey, finished]);
});

test("who has the peer's key sends its ciphertext at once, and does not wait for the peer's greeting", () => {
  assert.deepEqual(typesOf(new End(knowing(factsOf("source")))), [messageType.hello, messageType.kemCiphertext]);
});

test("a kept key that the certificate does not pin is asked for again", () => {
  const stale = { ...factsOf("source"), peerKemKey: kemPair().publicKey };
  const ends = converse(stale, factsOf("destination"));
  agreed(ends);
  assert.equal(ends.source.kept.length, 1);
});

test("what both are capable of is used, and nothing else", () => {
  const [source] = agreed(
    converse(
      { ...factsOf("source"), capabilities: 0x8000_0005 },
      { ...factsOf("destination"), capabilities: 0xc000_0006 },
    ),
  );
  assert.equal(source.capabilities, 0x8000_0004);
});

test("messages may come in any pieces, and several in one", () => {
  const inPieces: Tamper = (message) => Array.from(message, (octet) => Uint8Array.of(octet));
  agreed(converse(knowing(factsOf("source")), factsOf("destination"), inPieces));
  const [source, destination] = [new End(knowing(factsOf("source"))), new End(knowing(factsOf("destination")))];
  destination.receive(Buffer.concat(source.sent));
  source.receive(Buffer.concat(destination.sent));
  destination.receive(Buffer.concat(source.sent.slice(2)));
  agreed({ source, destination });
});

test("what follows the peer's proof is handed on", () => {
  const more = new TextEncoder().encode("the first record");
  const ends = converse(factsOf("source"), factsOf("destination"), (message, from) =>
    from === "destination" && message[0] === messageType.finished ? [Buffer.concat([message, more])] : [message],
  );
  agreed(ends);
  assert.deepEqual([ends.source.rest, ends.destination.rest?.length], [Buffer.from(more), 0]);
});

test("the secrets that went in are given up for erasure by both, whether it ended well or not", () => {
  const good = converse(factsOf("source"), factsOf("destination"));
  for (const end of [good.source, good.destination])
    assert.equal(end.erased.length, 4, "TLS's, two of the KEM, the sum");
  const bad = converse(factsOf("source"), { ...factsOf("destination"), exporter: new Uint8Array(48) });
  for (const end of [bad.source, bad.destination]) assert.ok(end.erased.length >= 4 && end.session === undefined);
});

test("no bit of what an end sends can be changed without the other's refusal", () => {
  for (const mode of modes) {
    const clean = converse(knowing(factsOf("source", mode)), knowing(factsOf("destination", mode)));
    for (const from of roles) {
      for (const [index, message] of clean[from].sent.entries()) {
        // Each bit of the small ones; of a ciphertext one of each octet, for each costs a decapsulation.
        const step = message[0] === messageType.kemCiphertext ? 17 : 1;
        for (let bit = 0; bit < message.length * 8; bit += step) {
          refusesChange(mode, from, index, bit);
        }
      }
    }
  }
});

function refusesChange(mode: Mode, from: Role, index: number, bit: number): void {
  const ends = converse(
    knowing(factsOf("source", mode)),
    knowing(factsOf("destination", mode)),
    (message, sender, at) => (sender === from && at === index ? [flipped(message, bit)] : [message]),
  );
  const isProof = ends[from].sent[index]?.[0] === messageType.finished;
  const receiver = from === "source" ? ends.destination : ends.source;
  assert.equal(receiver.session, undefined, `bit ${bit} of message ${index} of ${from}, ${mode}`);
  if (!isProof) assert.equal(ends[from].session, undefined, `bit ${bit} of message ${index} of ${from}, ${mode}`);
}

function flipped(message: Uint8Array, bit: number): Uint8Array {
  const changed = message.slice();
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

test("a message that is missing, doubled or early ends in no session", () => {
  const clean = converse(factsOf("source"), factsOf("destination"));
  const changes: Readonly<Record<string, (message: Uint8Array) => readonly Uint8Array[]>> = {
    missing: () => [],
    doubled: (message) => [message, message],
    "after a proof": (message) => [encodeMessage({ type: "finished", mac: new Uint8Array(48) }), message],
  };
  for (const from of roles) {
    for (const [index, [type]] of clean[from].sent.entries()) {
      for (const [what, change] of Object.entries(changes)) {
        const ends = converse(factsOf("source"), factsOf("destination"), (message, sender, at) =>
          sender === from && at === index ? change(message) : [message],
        );
        const receiver = from === "source" ? ends.destination : ends.source;
        const isDoubledProof = what === "doubled" && type === messageType.finished;
        assert.equal(receiver.session !== undefined, isDoubledProof, `${what}: message ${index} of ${from}`);
      }
    }
  }
});

test("an end that hears itself refuses the role", () => {
  const [source, destination] = [new End(factsOf("source")), new End(factsOf("destination"))];
  for (const end of [source, destination]) {
    for (const message of [...end.sent]) end.receive(message);
    assert.equal(end.failure?.reason, "role-mismatch");
  }
});

test("messages of another handshake of the same two ends do not fit", () => {
  const other = converse(knowing(factsOf("source")), knowing(factsOf("destination")));
  for (const from of roles) {
    for (const [index, message] of other[from].sent.entries()) {
      const ends = converse(knowing(factsOf("source")), knowing(factsOf("destination")), (own, sender, at) =>
        sender === from && at === index ? [message] : [own],
      );
      const receiver = from === "source" ? ends.destination : ends.source;
      assert.equal(receiver.session, undefined, `message ${index} of ${from}`);
    }
  }
});

test("ends that see another TLS connection, or other certificates, do not agree", () => {
  const other = new TextEncoder().encode("another certificate");
  for (const role of roles) {
    for (const change of [{ exporter: new Uint8Array(48) }, { ownLeaf: other }, { peerLeaf: other }]) {
      const ends = converse(...otherwise(role, change));
      nobodyHasASession(ends);
      assert.ok(reasons(ends).includes("finished-mismatch"));
    }
  }
});

test("there is no way from one mode to the other, and none to an older version", () => {
  for (const role of roles) {
    const ends = converse(...otherwise(role, factsOf(role, "mlkem768")));
    nobodyHasASession(ends);
    assert.deepEqual(
      reasons(ends),
      ["mode-mismatch", "mode-mismatch"],
      "each says it to the other, or finds it itself",
    );
  }
  for (const [least, most] of [
    [0, 0],
    [2, 3],
  ] as const) {
    const ends = converse(factsOf("source"), factsOf("destination"), (message, from, index) => {
      return from === "source" && index === 0 ? [withVersions(message, least, most)] : [message];
    });
    nobodyHasASession(ends);
    assert.deepEqual(reasons(ends), ["version-mismatch", "version-mismatch"]);
  }
});

function withVersions(hello: Uint8Array, least: number, most: number): Uint8Array {
  const changed = hello.slice();
  changed.set([least, most], 4);
  return changed;
}

test("a key that the certificate does not pin is refused, and so is a certificate that pins none", () => {
  const wrong = converse(...otherwise("destination", { ownKemKey: kemPair().publicKey }));
  nobodyHasASession(wrong);
  assert.deepEqual(reasons(wrong), ["kem-key-mismatch", "kem-key-mismatch"]);
  const unpinned = converse(...otherwise("source", { peerKemPin: undefined }));
  nobodyHasASession(unpinned);
  assert.deepEqual(reasons(unpinned), ["peer-unpinned", "peer-unpinned"]);
});

test("an end that has not the secret key to what it pinned has no session", () => {
  const source = new End(knowing(factsOf("source")));
  const destination = new End(knowing(factsOf("destination")), kemPair());
  for (let round = 0; round < 4; round += 1) {
    for (const message of source.sent.splice(0)) destination.receive(message);
    for (const message of destination.sent.splice(0)) source.receive(message);
  }
  nobodyHasASession({ source, destination });
});

test("nothing that may not come is kept: a header of the wrong kind or length is enough to refuse it", () => {
  const header = (type: number, length: number) =>
    Uint8Array.of(type, length >> 16, (length >> 8) & 0xff, length & 0xff);
  const { hello, kemKey, kemCiphertext, finished, abort } = messageType;
  const early = [header(kemKey, 1_184), header(kemCiphertext, 1_088), header(finished, 48)];
  for (const bytes of early) assert.equal(refusalOf(bytes), "unexpected-message");
  const wrong = [header(hello, 40), header(hello, 257), header(hello, 0xff_ffff), header(kemKey, 0), header(abort, 0)];
  for (const bytes of [...wrong, header(0, 0), header(6, 41)]) assert.equal(refusalOf(bytes), "malformed-message");
});

function refusalOf(bytes: Uint8Array): string | undefined {
  const end = new End(factsOf("destination"));
  end.receive(bytes);
  return end.failure?.kind === "aborted" ? end.failure.reason : undefined;
}

test("a hello may be longer than this version's, and what is in it counts", () => {
  const longer: Tamper = (message, from, index) => {
    if (from !== "source" || index !== 0) return [message];
    return [
      Buffer.concat([
        message.subarray(0, 3),
        Uint8Array.of(message.length - 4 + 5),
        message.subarray(4),
        Buffer.alloc(5),
      ]),
    ];
  };
  const ends = converse(factsOf("source"), factsOf("destination"), longer);
  assert.deepEqual(reasons(ends).includes("finished-mismatch"), true, "the sender's transcript is without it");
  nobodyHasASession(ends);
});

test("half a handshake ends at its deadline, later while a key is on its way, and says so to the peer", () => {
  const idle = new End(knowing(factsOf("source")), undefined, millis(1_000));
  assert.equal(deadlineOf(idle.state), 16_000);
  idle.expire(millis(15_999));
  assert.equal(idle.failure, undefined);
  idle.expire(millis(16_000));
  assert.deepEqual(idle.failure, { kind: "aborted", reason: "deadline" });
  assert.deepEqual(idle.sent.at(-1), encodeMessage({ type: "abort", reason: "deadline" }));
  assert.equal(deadlineOf(idle.state), undefined);
  assert.equal(deadlineOf(new End(factsOf("source")).state), seconds(180), "it waits for a key");
});

test("an end whose KEM fails has no session, and tells the peer", () => {
  const { source, destination } = converse(factsOf("source"), factsOf("destination"), (message, from) =>
    from === "source" && message[0] === messageType.kemCiphertext
      ? [encodeMessage({ type: "abort", reason: "kem-failed" })]
      : [message],
  );
  assert.deepEqual(destination.failure, { kind: "peer-aborted", reason: "kem-failed" });
  assert.equal(source.session, undefined);
});

test("after its end a handshake hears nothing and says nothing", () => {
  const { source } = converse(factsOf("source"), factsOf("destination"));
  const before = source.sent.length;
  source.receive(encodeMessage({ type: "abort", reason: "deadline" }));
  source.expire(seconds(1_000));
  assert.deepEqual([source.sent.length, source.failure], [before, undefined]);
});
