import assert from "node:assert/strict";
import { test } from "node:test";
import { networkPrefixOf } from "@ropewalk/kernel/network-prefix";
import { addressOf, crowdNetworks, type StrangersPlan, wordsOf } from "./strangers-plan.ts";

const flood: StrangersPlan = { kind: "flood", perSecond: 1_000 };
const crowd: StrangersPlan = { kind: "crowd", connections: 10_000 };
const indexes = Array.from({ length: crowd.connections }, (_, index) => index);

test("a flood is one network to the destination, a crowd many, and neither is the honest one's", () => {
  const networks = (plan: StrangersPlan) => new Set(indexes.map((index) => networkPrefixOf(addressOf(plan, index))));
  assert.deepEqual([...networks(flood)], ["127.9.9.0/24"]);
  assert.equal(networks(crowd).size, crowdNetworks);
  assert.equal(networks(crowd).has(networkPrefixOf("127.0.0.1")), false);
});

test("each network of a crowd sends a whole one, half of one and nothing, about a third of each", () => {
  const hello = new Uint8Array(1_400);
  const lengths = new Map<string, number[]>();
  for (const index of indexes) {
    const network = networkPrefixOf(addressOf(crowd, index));
    lengths.set(network, [...(lengths.get(network) ?? []), wordsOf(crowd, index, hello).length]);
  }
  for (const [network, sent] of lengths) {
    for (const length of [0, 700, 1_400]) {
      const share = sent.filter((one) => one === length).length / sent.length;
      assert.ok(share > 0.3 && share < 0.4, `${share} of ${network} sent ${length}`);
    }
  }
});
