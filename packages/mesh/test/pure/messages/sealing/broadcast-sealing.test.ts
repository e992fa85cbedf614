import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import {
  isSigned,
  openInChannel,
  sealToChannel,
  signBroadcast,
} from "@ropewalk/mesh/pure/messages/sealing/broadcast-sealing";
import { decodeBroadcast, encodeBroadcast } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import { encodePlaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { readBroadcast } from "../wire/envelopes.ts";
import { person, saying } from "./people.ts";

const [one, other] = [person(1), person(2)];
const plaintext = encodePlaintext(saying(1), 0);
const hop = { priority: 1, hops: 16, life: seconds(60) } as const;
const channelKey = new Uint8Array(32).fill(7);
const signed = encodeBroadcast(hop, signBroadcast(one, plaintext));
const sealed = encodeBroadcast(hop, sealToChannel(one, channelKey, plaintext));

test("who signed a broadcast everybody can tell, and relays change nothing of that", () => {
  assert.ok(isSigned(other, readBroadcast(signed)));
  assert.ok(isSigned(other, readBroadcast(signed.with(0, 3).with(2, 9))));
  assert.ok(!isSigned(other, readBroadcast(sealed)));
});

test("with any other octet changed it is not signed", () => {
  for (let place = 3; place < signed.length; place += 1) {
    const changed = decodeBroadcast(signed.with(place, (signed[place] ?? 0) ^ 1));
    assert.ok(changed === undefined || !isSigned(other, changed), `octet ${place}`);
  }
});

test("a key that is none has signed nothing", () => {
  const content = signBroadcast(one, plaintext);
  for (const key of [new Uint8Array(32), new Uint8Array(32).fill(0xff)])
    assert.ok(
      !isSigned(other, readBroadcast(encodeBroadcast(hop, { ...content, form: "signed", key } as typeof content))),
    );
});

test("what is sealed to a channel who has its key reads, and nobody else", () => {
  assert.deepEqual(openInChannel(other, channelKey, readBroadcast(sealed)), saying(1));
  assert.equal(openInChannel(other, channelKey.with(0, 8), readBroadcast(sealed)), undefined);
  assert.equal(openInChannel(other, channelKey, readBroadcast(signed)), undefined);
  for (let place = 3; place < sealed.length; place += 1) {
    const changed = decodeBroadcast(sealed.with(place, (sealed[place] ?? 0) ^ 1));
    if (changed !== undefined) assert.equal(openInChannel(other, channelKey, changed), undefined, `octet ${place}`);
  }
});

test("the same said twice in a channel has nothing in common", () => {
  const again = encodeBroadcast(hop, sealToChannel(one, channelKey, plaintext));
  assert.notDeepEqual(again.subarray(4, 20), sealed.subarray(4, 20));
  assert.notDeepEqual(again.subarray(20, 30), sealed.subarray(20, 30));
});

test("what is no message is none in a channel either", () => {
  const broken = encodeBroadcast(hop, sealToChannel(one, channelKey, plaintext.with(0, 9)));
  assert.equal(openInChannel(other, channelKey, readBroadcast(broken)), undefined);
});
