/** The promises of WireGuardDevice about what it keeps, asked of the fake and of real devices alike. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerChange, PresentPeer, WantedPeer, WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { WireGuardError } from "@ropewalk/host/wireguard/errors";
import { peerDrift } from "@ropewalk/host/wireguard/peer-drift";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { formatPrefix, ipAddress } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { seconds } from "@ropewalk/kernel/units";
import { peer, prefixes, publicKey, secret } from "./peers.ts";

export interface DeviceRig extends AsyncDisposable {
  /** New: without key and peers. */
  readonly device: WireGuardDevice;
  /** Ends the device as a crash would. */
  kill(): Promise<void>;
}

// RFC 7748 §6.1.
const alice = {
  privateKey: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  publicKey: wireGuardPublicKeyFromBytes(
    Uint8Array.fromHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
  ),
};
const aliceKey = () => new SecretBytes(Uint8Array.fromHex(alice.privateKey));

function told(peers: Iterable<WantedPeer | PresentPeer>): readonly unknown[] {
  return [...peers]
    .map(({ publicKey, presharedKey, keepalive, allowedPrefixes, endpoint }) => ({
      ...{ publicKey, keepalive, endpoint, presharedKey: presharedKey?.reveal().toHex() },
      prefixes: allowedPrefixes.map(formatPrefix).toSorted(),
    }))
    .toSorted((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
}

async function assertPeers(device: WireGuardDevice, wanted: readonly WantedPeer[]): Promise<void> {
  assert.deepEqual(told((await device.read()).peers.values()), told(wanted));
}

const adding = (...peers: readonly WantedPeer[]) => peers.map((one): PeerChange => ({ kind: "add", peer: one }));

export function wireGuardDeviceContract(open: () => Promise<DeviceRig>): void {
  const over = (what: string, run: (rig: DeviceRig) => Promise<void>) =>
    test(what, async () => {
      await using rig = await open();
      await run(rig);
    });

  over(
    "a new device has no key and no peers, and what is set of it stays until it is set again",
    async ({ device }) => {
      const fresh = await device.read();
      assert.deepEqual([fresh.publicKey, fresh.fwmark, fresh.peers.size], [undefined, 0, 0]);
      await device.configure({ privateKey: aliceKey(), listenPort: 51_999 });
      await device.configure({ fwmark: 0xffff_ffff });
      const { publicKey, listenPort, fwmark } = await device.read();
      assert.deepEqual([publicKey, listenPort, fwmark], [alice.publicKey, 51_999, 0xffff_ffff]);
      await device.configure({ fwmark: 0 });
      assert.equal((await device.read()).fwmark, 0);
    },
  );

  over("peers are read as they were added, and have had no handshake", async ({ device }) => {
    const endpoint = { address: ipAddress("2001:db8::7"), port: 51_820 };
    const peers = [
      peer(1),
      peer(2, {
        presharedKey: undefined,
        keepalive: seconds(25),
        endpoint: { ...endpoint, address: ipAddress("192.0.2.7") },
      }),
      peer(3, { allowedPrefixes: [], keepalive: seconds(65_535), endpoint }),
      peer(4, { allowedPrefixes: prefixes("0.0.0.0/0", "::/0", "192.0.2.0/24", "2001:db8::/32") }),
    ];
    await device.change(adding(...peers));
    await assertPeers(device, peers);
    const { received, sent, lastHandshake } = (await device.read()).peers.get(publicKey(1)) ?? assert.fail();
    assert.deepEqual([received, sent, lastHandshake], [0, 0, undefined]);
  });

  over("an update changes what it names and nothing else", async ({ device }) => {
    await device.change(adding(peer(1), peer(2)));
    const update = (values: Extract<PeerChange, { kind: "update" }>["values"]) =>
      device.change([{ kind: "update", publicKey: publicKey(1), values }]);
    await update({ keepalive: seconds(7) });
    await update({ presharedKey: secret(99) });
    await update({ prefixes: { kind: "add", prefixes: prefixes("172.16.0.0/12") } });
    const allowedPrefixes = [...peer(1).allowedPrefixes, ...prefixes("172.16.0.0/12")];
    await assertPeers(device, [peer(1, { keepalive: seconds(7), presharedKey: secret(99), allowedPrefixes }), peer(2)]);
    await update({ presharedKey: null, keepalive: null });
    await update({ prefixes: { kind: "replace", prefixes: prefixes("172.16.0.0/12") } });
    await assertPeers(device, [
      peer(1, { presharedKey: undefined, allowedPrefixes: prefixes("172.16.0.0/12") }),
      peer(2),
    ]);
    const endpoint = { address: ipAddress("192.0.2.1"), port: 1 };
    await update({ endpoint });
    assert.deepEqual((await device.read()).peers.get(publicKey(1))?.endpoint, endpoint);
  });

  over("adding a peer again makes it like this, and leaves where it is", async ({ device }) => {
    const endpoint = { address: ipAddress("192.0.2.1"), port: 1 };
    await device.change(adding(peer(1, { endpoint, keepalive: seconds(5) })));
    const again = peer(1, { presharedKey: undefined, allowedPrefixes: prefixes("172.16.0.1/32") });
    await device.change(adding(again));
    await assertPeers(device, [{ ...again, endpoint }]);
  });

  over("removing a peer that is away is no failure, and an update of one makes none", async ({ device }) => {
    await device.change(adding(peer(1), peer(2)));
    const gone: PeerChange = { kind: "remove", publicKey: publicKey(1) };
    const late: PeerChange = { kind: "update", publicKey: publicKey(1), values: { keepalive: seconds(5) } };
    await device.change([gone, gone, late]);
    await assertPeers(device, [peer(2)]);
    await device.change(adding(peer(3, { allowedPrefixes: peer(1).allowedPrefixes })));
    await assertPeers(device, [peer(2), peer(3, { allowedPrefixes: peer(1).allowedPrefixes })]);
  });

  over("a prefix has one owner: who is given it takes it from whoever had it", async ({ device }) => {
    const both = [...peer(1).allowedPrefixes, ...peer(2).allowedPrefixes];
    await device.change(adding(peer(1, { allowedPrefixes: both })));
    await device.change(adding(peer(2)));
    await assertPeers(device, [peer(1), peer(2)]);
  });

  over("a prefix is kept without the bits past its length, and equal ones are one", async ({ device }) => {
    await device.change(adding(peer(1, { allowedPrefixes: prefixes("10.1.2.3/16", "10.1.9.9/16", "fd00::5/64") })));
    await assertPeers(device, [peer(1, { allowedPrefixes: prefixes("10.1.0.0/16", "fd00::/64") })]);
  });

  over("two peers that have each other's addresses are put right", async ({ device }) => {
    const swapped = [
      peer(1, { allowedPrefixes: peer(2).allowedPrefixes }),
      peer(2, { allowedPrefixes: peer(1).allowedPrefixes }),
    ];
    await device.change(adding(...swapped));
    const changes = peerDrift([peer(1), peer(2)], await device.read());
    assert.equal(changes.length, 2);
    await device.change(changes);
    await assertPeers(device, [peer(1), peer(2)]);
  });

  over("a peer with the device's own key is passed over", async ({ device }) => {
    await device.configure({ privateKey: aliceKey() });
    await device.change(adding(peer(1, { publicKey: alice.publicKey }), peer(2)));
    await assertPeers(device, [peer(2)]);
  });

  over("a key that is none is refused, and nothing of its call is written", async ({ device }) => {
    for (const octets of [new Uint8Array(32), new Uint8Array(31).fill(1)]) {
      const key = new SecretBytes(octets);
      await assert.rejects(device.change(adding(peer(1), peer(2, { presharedKey: key }))), {
        code: "HOST_WIREGUARD_KEY",
      });
      await assert.rejects(device.configure({ privateKey: key }), { code: "HOST_WIREGUARD_KEY" });
    }
    const { publicKey, peers } = await device.read();
    assert.deepEqual([publicKey, peers.size], [undefined, 0]);
  });

  over("calls that are made together are all done, in their order", async ({ device }) => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    await Promise.all(numbers.map((number) => device.change(adding(peer(number)))));
    await Promise.all([
      ...numbers.slice(0, 50).map((number) => device.change([{ kind: "remove", publicKey: publicKey(number) }])),
      device.change(adding(peer(0))),
    ]);
    await assertPeers(device, [peer(0), ...numbers.slice(50).map((number) => peer(number))]);
  });

  over("a peer that is removed while many are added does not come back", async ({ device }) => {
    const many = Array.from({ length: 300 }, (_, index) => peer(index));
    await Promise.all([device.change(adding(...many)), device.change([{ kind: "remove", publicKey: publicKey(299) }])]);
    await assertPeers(device, many.slice(0, -1));
  });

  over(
    "10,000 peers are written and read, and a hundred that drifted are repaired by a hundred changes",
    async ({ device }) => {
      const wanted = Array.from({ length: 10_000 }, (_, index) => peer(index));
      await device.change(adding(...wanted));
      assert.deepEqual(peerDrift(wanted, await device.read()), []);
      const harm = (number: number): readonly PeerChange[] => {
        const values = { presharedKey: null, prefixes: { kind: "replace", prefixes: [] } } as const;
        return [
          { kind: "remove", publicKey: publicKey(number) },
          { kind: "add", peer: peer(1_000_000 + number, { allowedPrefixes: [] }) },
          { kind: "update", publicKey: publicKey(number + 1), values },
          // Each has what is the other's.
          ...adding(
            peer(number + 2, { allowedPrefixes: peer(number + 3).allowedPrefixes }),
            peer(number + 3, { allowedPrefixes: peer(number + 2).allowedPrefixes }),
          ),
        ];
      };
      await device.change(Array.from({ length: 20 }, (_, index) => harm(index * 500)).flat());
      const changes = peerDrift(wanted, await device.read());
      assert.equal(changes.length, 100);
      await device.change(changes);
      const after = await device.read();
      assert.equal(after.peers.size, 10_000);
      assert.deepEqual(peerDrift(wanted, after), []);
    },
  );

  over("a device that was killed says so to every call, and hangs none", async ({ device, kill }) => {
    await device.change(adding(peer(1)));
    await kill();
    for (const call of [device.read(), device.configure({ fwmark: 1 }), device.change(adding(peer(2)))]) {
      const error = await call.then(
        () => assert.fail("a dead device answered"),
        (cause: unknown) => cause,
      );
      assert.ok(error instanceof WireGuardError);
      assert.match(error.code, /^HOST_WIREGUARD_(?:GONE|NO_DEVICE)$/);
    }
  });
}
