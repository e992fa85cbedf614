import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgreementKey, MessageCrypto } from "@ropewalk/mesh/pure/messages/sealing/message-crypto";
import { openOpening, sealOpening } from "@ropewalk/mesh/pure/messages/sealing/opening";
import { tagOfProof } from "@ropewalk/mesh/pure/messages/wire/tags";
import fc from "fast-check";
import { person } from "./people.ts";

const [sender, recipient, other] = [person(1), person(2), person(3)];
const [prekey, former] = [recipient.generate(), recipient.generate()];
const text = new TextEncoder().encode("a message of fifteen octets and more");
const to = { identity: recipient.identity.publicKey, prekey: prekey.publicKey };
const made = sealOpening(sender, to, text) ?? assert.fail();
const [unknown, forged] = (["unknown", "forged"] as const).map((why) => ({ kind: "refused", why }));

test("what is sealed to somebody he opens, and learns who sealed it, the proof and the chain's next key", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
      const { tag, ackKey, sealed, chainKey } = sealOpening(sender, to, content) ?? assert.fail();
      assert.equal(sealed.length, content.length + 80);
      const opened = openOpening(recipient, [prekey], tag, sealed);
      const senderKey = sender.publicKey;
      assert.deepEqual(opened, { kind: "opened", sender: senderKey, plaintext: content, ackKey, chainKey, by: prekey });
      assert.deepEqual(tagOfProof(ackKey), tag);
    }),
    { numRuns: 20 },
  );
});

test("it is opened by whichever of the prekeys it was sealed to, and by no others", () => {
  const { tag, sealed } = made;
  const opened = openOpening(recipient, [former, prekey, recipient.identity], tag, sealed);
  assert.equal(opened.kind === "opened" && opened.by, prekey);
  for (const prekeys of [[], [former], [former, recipient.identity]])
    assert.deepEqual(openOpening(recipient, prekeys, tag, sealed), unknown);
});

test("who has the prekey alone, or the identity alone, opens nothing", () => {
  const { tag, sealed } = made;
  assert.deepEqual(openOpening(other, [prekey], tag, sealed), unknown);
  assert.deepEqual(openOpening(recipient, [other.identity], tag, sealed), unknown);
});

test("to who has no prekey the identity serves as one", () => {
  const keys = { identity: recipient.identity.publicKey, prekey: recipient.identity.publicKey };
  const { tag, sealed } = sealOpening(sender, keys, text) ?? assert.fail();
  const opened = openOpening(recipient, [prekey, recipient.identity], tag, sealed);
  assert.deepEqual(opened.kind === "opened" && opened.plaintext, text);
});

test("with any octet changed nothing opens, nor cut or longer", () => {
  const { tag, sealed } = made;
  const open = (octets: Uint8Array, of = tag) => openOpening(recipient, [prekey, recipient.identity], of, octets);
  assert.equal(open(sealed).kind, "opened");
  for (let place = 0; place < sealed.length; place += 1)
    for (const bit of place === 31 || place === 63 ? [1, 0x80] : [1 << (place & 7)]) {
      const outcome = open(sealed.with(place, (sealed[place] ?? 0) ^ bit));
      assert.deepEqual(outcome, place < 32 ? unknown : forged, `octet ${place}`);
    }
  for (let place = 0; place < tag.length; place += 1)
    assert.deepEqual(open(sealed, tag.with(place, (tag[place] ?? 0) ^ 1)), unknown);
  for (const octets of [sealed.subarray(0, -1), Uint8Array.of(...sealed, 0)]) assert.deepEqual(open(octets), forged);
});

test("keys of small order hide nothing, and nothing is sealed to them or opened by them", () => {
  const zero = new Uint8Array(32);
  assert.equal(sealOpening(sender, { ...to, prekey: zero }, text), undefined);
  assert.equal(sealOpening(sender, { ...to, identity: zero }, text), undefined);
  for (const key of [zero, zero.with(0, 1), zero.with(31, 0x80)]) {
    const sealed = Uint8Array.of(...key, ...made.sealed.subarray(32));
    assert.deepEqual(openOpening(recipient, [prekey], made.tag, sealed), unknown);
  }
});

test("nobody can say that another sealed it", () => {
  // All that a liar has: his own key, and the public ones. He hides the other's key as its own owner would.
  const liar: MessageCrypto = { ...other, publicKey: sender.publicKey };
  const lie = sealOpening(liar, to, text) ?? assert.fail();
  assert.deepEqual(openOpening(recipient, [prekey], lie.tag, lie.sealed), forged);
});

test("who says that he is what is no key of anybody is refused", () => {
  for (const publicKey of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).with(0, 2)]) {
    const nobody = sealOpening({ ...other, publicKey }, to, text) ?? assert.fail();
    assert.deepEqual(openOpening(recipient, [prekey], nobody.tag, nobody.sealed), forged, publicKey.toHex());
  }
});

test("who has stolen the identity alone cannot be another to its owner while a prekey is used", () => {
  // With the recipient's identity he agrees as the recipient would: on the half that is of the identity, and no other.
  const stolen: AgreementKey = recipient.identity;
  const known = person(1).identity.publicKey;
  const thief: MessageCrypto = {
    ...other,
    publicKey: sender.publicKey,
    identity: {
      publicKey: known,
      agree: (peer) => (peer.toHex() === stolen.publicKey.toHex() ? stolen.agree(known) : other.identity.agree(peer)),
    },
  };
  const forgery = (keys: typeof to) => sealOpening(thief, keys, text) ?? assert.fail();
  const withPrekey = forgery(to);
  assert.deepEqual(openOpening(recipient, [prekey], withPrekey.tag, withPrekey.sealed), forged);
  const without = forgery({ ...to, prekey: to.identity });
  assert.equal(openOpening(recipient, [recipient.identity], without.tag, without.sealed).kind, "opened");
});

test("two openings of the same have nothing in common", () => {
  const [one, two] = [made, sealOpening(sender, to, text) ?? assert.fail()];
  for (const part of ["tag", "ackKey", "chainKey"] as const) assert.notDeepEqual(one[part], two[part]);
  const alike = one.sealed.filter((octet, place) => octet === two.sealed[place]);
  assert.ok(alike.length < 12, `${alike.length} octets are the same`);
});

test("of what was sealed to another prekey one agreement is made, and none for its sender", () => {
  let [agreements, conversions] = [0, 0];
  const counted = (key: AgreementKey): AgreementKey => ({
    publicKey: key.publicKey,
    agree(peer) {
      agreements += 1;
      return key.agree(peer);
    },
  });
  const watched: MessageCrypto = {
    ...recipient,
    identity: counted(recipient.identity),
    agreementKeyOf(key) {
      conversions += 1;
      return recipient.agreementKeyOf(key);
    },
  };
  const foreign = sealOpening(sender, { ...to, prekey: other.identity.publicKey }, text) ?? assert.fail();
  assert.deepEqual(openOpening(watched, [prekey, former].map(counted), foreign.tag, foreign.sealed), unknown);
  assert.deepEqual([agreements, conversions], [3, 0]);
});
