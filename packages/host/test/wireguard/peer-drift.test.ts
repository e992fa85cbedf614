/** Whatever a device has and whatever is wanted: it ends as wanted, by no change that could be left out, and nothing right is written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWireGuardDevice } from "@ropewalk/host/fake/fake-wireguard-device";
import type { PeerChange, PresentPeer, WantedPeer, WireGuardState } from "@ropewalk/host/wireguard/device";
import { endpointsAgain, peerDrift } from "@ropewalk/host/wireguard/peer-drift";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { formatPrefix, ipAddress, type Prefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { keyOctets, peer, prefixes, publicKey, secret } from "./peers.ts";

async function deviceWith(peers: readonly WantedPeer[]): Promise<FakeWireGuardDevice> {
  const device = new FakeWireGuardDevice("wg0", (key) => wireGuardPublicKeyFromBytes(key.reveal()));
  await device.change(peers.map((one): PeerChange => ({ kind: "add", peer: one })));
  device.written.length = 0;
  return device;
}

/** All that drift is about, as a text. */
function told(peers: Iterable<WantedPeer | PresentPeer>): readonly string[] {
  const one = ({ publicKey, presharedKey, keepalive, allowedPrefixes }: WantedPeer | PresentPeer) =>
    [publicKey, presharedKey?.reveal().toHex(), keepalive, ...allowedPrefixes.map(formatPrefix).toSorted()].join();
  return [...peers].map(one).toSorted();
}

async function repair(present: readonly WantedPeer[], wanted: readonly WantedPeer[]): Promise<readonly PeerChange[]> {
  const device = await deviceWith(present);
  const changes = peerDrift(wanted, await device.read());
  await device.change(changes);
  const after = await device.read();
  assert.deepEqual(told(after.peers.values()), told(wanted));
  assert.deepEqual(peerDrift(wanted, after), []);
  return changes;
}

test("a device that is right is not written to, however its prefixes are ordered and spelled", async () => {
  const wanted = [
    peer(1),
    peer(2, { presharedKey: undefined, keepalive: seconds(25) }),
    peer(3, { allowedPrefixes: [] }),
  ];
  assert.deepEqual(await repair(wanted, wanted), []);
  const present = await deviceWith([peer(1, { allowedPrefixes: prefixes("10.1.0.0/16", "fd00::/64", "10.2.0.1/32") })]);
  const spelled = peer(1, { allowedPrefixes: prefixes("10.2.0.1/32", "10.1.2.3/16", "fd00::9/64") });
  assert.deepEqual(peerDrift([spelled], await present.read()), []);
});

test("each kind of drift is one change that says no more than what is wrong", async () => {
  const right = peer(1);
  const cases: readonly (readonly [WantedPeer | undefined, WantedPeer | undefined, PeerChange])[] = [
    [undefined, right, { kind: "add", peer: right }],
    [right, undefined, { kind: "remove", publicKey: right.publicKey }],
    [peer(1, { presharedKey: secret(9) }), right, update({ presharedKey: right.presharedKey ?? null })],
    [peer(1, { presharedKey: undefined }), right, update({ presharedKey: right.presharedKey ?? null })],
    [right, peer(1, { presharedKey: undefined }), update({ presharedKey: null })],
    [right, peer(1, { keepalive: seconds(25) }), update({ keepalive: seconds(25) })],
    [peer(1, { keepalive: seconds(25) }), right, update({ keepalive: null })],
    [
      peer(1, { allowedPrefixes: prefixes("10.9.9.9/32") }),
      right,
      update({ prefixes: { kind: "replace", prefixes: right.allowedPrefixes } }),
    ],
    [
      peer(1, { allowedPrefixes: right.allowedPrefixes.slice(1) }),
      right,
      update({ prefixes: { kind: "add", prefixes: right.allowedPrefixes.slice(0, 1) } }),
    ],
  ];
  for (const [present, wanted, change] of cases) {
    const other = peer(2);
    const changes = await repair([other, ...listed(present)], [other, ...listed(wanted)]);
    assert.deepEqual(changes, [change]);
  }
});

function update(values: Extract<PeerChange, { readonly kind: "update" }>["values"]): PeerChange {
  return { kind: "update", publicKey: publicKey(1), values };
}

const listed = <One>(one: One | undefined): readonly One[] => (one === undefined ? [] : [one]);

test("two peers that have each other's addresses are put right by one change each, and three in a ring by three", async () => {
  const wanted = [peer(1), peer(2), peer(3)];
  const swapped = [
    peer(1, { allowedPrefixes: peer(2).allowedPrefixes }),
    peer(2, { allowedPrefixes: peer(1).allowedPrefixes }),
    peer(3),
  ];
  assert.equal((await repair(swapped, wanted)).length, 2);
  const turned = wanted.map((one, index) => ({
    ...one,
    allowedPrefixes: wanted[(index + 1) % 3]?.allowedPrefixes ?? [],
  }));
  assert.equal((await repair(turned, wanted)).length, 3);
});

test("who has an address too much that another is to get loses it without being written", async () => {
  const [one, other] = [peer(1), peer(2)];
  const greedy = peer(1, { allowedPrefixes: [...one.allowedPrefixes, ...other.allowedPrefixes] });
  const changes = await repair([greedy, peer(2, { allowedPrefixes: [] })], [one, other]);
  assert.deepEqual(
    changes.map((change) => (change.kind === "update" ? change.publicKey : change.kind)),
    [other.publicKey],
  );
});

test("what is revoked goes before anything is given", async () => {
  const changes = await repair([peer(1), peer(2)], [peer(2, { presharedKey: secret(9) }), peer(3)]);
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ["remove", "update", "add"],
  );
});

/** Eight keys, and twelve prefixes of which each has one owner, so that they meet. */
const pool: readonly Prefix[] = prefixes(
  ...["10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32", "10.0.0.4/32", "10.0.0.0/24", "10.0.0.0/30"],
  ...["fd00::1/128", "fd00::2/128", "fd00::3/128", "fd00::/64", "0.0.0.0/0", "::/0"],
);
const peersArbitrary = fc
  .record({
    keys: fc.uniqueArray(fc.nat(7), { maxLength: 8 }),
    owners: fc.array(fc.nat(9), { minLength: pool.length, maxLength: pool.length }),
    secrets: fc.array(fc.nat(2), { minLength: 8, maxLength: 8 }),
    keepalives: fc.array(fc.nat(1), { minLength: 8, maxLength: 8 }),
  })
  .map(({ keys, owners, secrets, keepalives }) =>
    keys.map((key): WantedPeer => {
      const [psk = 0, keepalive = 0] = [secrets[key], keepalives[key]];
      return {
        publicKey: publicKey(key),
        presharedKey: psk === 0 ? undefined : secret(psk),
        keepalive: keepalive === 0 ? undefined : seconds(25),
        allowedPrefixes: pool.filter((_, index) => owners[index] === key),
      };
    }),
  );

test("from any device to any wanted peers, and each single change is needed", async () => {
  await fc.assert(
    fc.asyncProperty(peersArbitrary, peersArbitrary, async (present, wanted) => {
      const changes = await repair(present, wanted);
      const keys = changes.map((change) => (change.kind === "add" ? change.peer.publicKey : change.publicKey));
      assert.equal(new Set(keys).size, keys.length, "one stanza a peer");
      for (const left of changes) {
        const device = await deviceWith(present);
        await device.change(changes.filter((change) => change !== left));
        assert.notDeepEqual(told((await device.read()).peers.values()), told(wanted));
      }
    }),
    { numRuns: 500 },
  );
});

test("what is right of a peer is not written again", async () => {
  await fc.assert(
    fc.asyncProperty(peersArbitrary, peersArbitrary, async (present, wanted) => {
      const { peers } = await (await deviceWith(present)).read();
      for (const change of peerDrift(wanted, { publicKey: undefined, peers })) {
        if (change.kind !== "update") continue;
        const [is, meant] = [peers.get(change.publicKey), wanted.find((one) => one.publicKey === change.publicKey)];
        const { presharedKey, keepalive, prefixes: written } = change.values;
        const hex = (key: SecretBytes | null | undefined) => key?.reveal().toHex();
        if (presharedKey !== undefined) assert.notEqual(hex(is?.presharedKey), hex(presharedKey));
        if (keepalive !== undefined) assert.notEqual(is?.keepalive, keepalive ?? undefined);
        if (written?.kind === "add")
          assert.ok(
            written.prefixes.every(
              (prefix) =>
                !told(listed(is))
                  .join()
                  .includes(`,${formatPrefix(prefix)}`),
            ),
          );
        if (written?.kind === "replace") assert.deepEqual(written.prefixes, meant?.allowedPrefixes);
      }
    }),
    { numRuns: 500 },
  );
});

test("of 10,000 peers a hundred that drifted in five ways are repaired by a hundred stanzas", async () => {
  const wanted = Array.from({ length: 10_000 }, (_, index) => peer(index));
  const state = await stateWith(wanted);
  assert.deepEqual(peerDrift(wanted, state), []);
  const peers = new Map(state.peers);
  const set = (number: number, values: Partial<PresentPeer>) => {
    const one = peers.get(publicKey(number)) ?? assert.fail();
    peers.set(one.publicKey, { ...one, ...values });
  };
  for (let index = 0; index < 20; index += 1) {
    peers.delete(publicKey(index * 100));
    const stranger = publicKey(1_000_000 + index);
    peers.set(stranger, { ...(peers.get(publicKey(1)) ?? assert.fail()), publicKey: stranger, allowedPrefixes: [] });
    set(index * 100 + 1, { allowedPrefixes: prefixes(`172.16.0.${index}/32`) });
    set(index * 100 + 2, { presharedKey: secret(index) });
  }
  for (let index = 0; index < 10; index += 1) {
    const [a, b] = [index * 100 + 3, index * 100 + 4];
    set(a, { allowedPrefixes: peer(b).allowedPrefixes });
    set(b, { allowedPrefixes: peer(a).allowedPrefixes });
  }
  assert.equal(peerDrift(wanted, { publicKey: undefined, peers }).length, 100);
});

/** Not by the fake, whose prefixes are looked for one by one. */
async function stateWith(wanted: readonly WantedPeer[]): Promise<WireGuardState> {
  const traffic = { endpoint: undefined, lastHandshake: undefined, received: 0, sent: 0 } as unknown as PresentPeer;
  const peers = wanted.map((one): readonly [WireGuardPublicKey, PresentPeer] => [
    one.publicKey,
    {
      ...traffic,
      ...one,
      presharedKey: new SecretBytes(one.presharedKey?.reveal().slice() ?? new Uint8Array()),
      endpoint: undefined,
    },
  ]);
  return { publicKey: undefined, listenPort: undefined, fwmark: 0, peers: new Map(peers) };
}

test("a peer with the device's own key is passed over, for no device takes it", async () => {
  const device = await deviceWith([]);
  await device.configure({ privateKey: new SecretBytes(keyOctets(5)) });
  const changes = peerDrift([peer(5), peer(6)], await device.read());
  assert.deepEqual(changes, [{ kind: "add", peer: peer(6) }]);
});

test("a key that is wanted twice, and a prefix that two are to get, are defects", async () => {
  const state = await (await deviceWith([])).read();
  assert.throws(() => peerDrift([peer(1), peer(1)], state), { code: "INTERNAL" });
  const both = await (await deviceWith([peer(1), peer(2)])).read();
  const wanted = [peer(1), peer(2, { allowedPrefixes: peer(1).allowedPrefixes })];
  assert.throws(() => peerDrift(wanted, both), { code: "INTERNAL" });
  assert.throws(() => peerDrift(wanted, state), { code: "INTERNAL" });
});

test("after a change of addresses each known endpoint is written again as it was, but for link-local ones", async () => {
  const device = await deviceWith([peer(1), peer(2), peer(3), peer(4)]);
  const at = (address: string) => ({ address: ipAddress(address), port: 51_820 });
  for (const [number, address] of [
    [1, "192.0.2.1"],
    [2, "2001:db8::1"],
    [3, "fe80::1"],
  ] as const)
    device.hear(publicKey(number), at(address), millis(1));
  assert.deepEqual(endpointsAgain((await device.read()).peers), [
    { kind: "update", publicKey: publicKey(1), values: { endpoint: at("192.0.2.1") } },
    { kind: "update", publicKey: publicKey(2), values: { endpoint: at("2001:db8::1") } },
  ]);
});
