/** What packets do when a WireGuardDevice is changed: asked of real devices, an exit and two clients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerChange, PeerEndpoint, WantedPeer, WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { endpointsAgain, peerDrift } from "@ropewalk/host/wireguard/peer-drift";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { secret } from "./peers.ts";

/** A device that has its key, is up and has an address inside the tunnel. */
export interface TunnelEnd {
  readonly device: WireGuardDevice;
  readonly publicKey: WireGuardPublicKey;
  readonly address: IpAddress;
  /** Whether an echo comes back through the tunnel: asked for until one does, or for ten seconds. */
  reaches(to: IpAddress): Promise<boolean>;
  /** Whether one of three echoes within a second comes back. */
  reachesAtOnce(to: IpAddress): Promise<boolean>;
}

export interface TunnelRig extends AsyncDisposable {
  readonly exit: TunnelEnd;
  /** Each on a network of its own with the exit, which it finds at `exitAt`. */
  readonly clients: readonly [TunnelClient, TunnelClient];
}

export interface TunnelClient extends TunnelEnd {
  readonly exitAt: PeerEndpoint;
  /** Its address on the network that it shares with the exit. */
  readonly outer: IpAddress;
  /** That is replaced by another, which is returned. */
  renumber(): IpAddress;
}

function peerOf({ publicKey, address }: TunnelEnd, presharedKey: SecretBytes | undefined): WantedPeer {
  const length = familyOf(address) === "ipv4" ? 32 : 128;
  return { publicKey, presharedKey, allowedPrefixes: [{ address, length }], keepalive: undefined };
}

/** The exit anew at the client, so that its next packet begins with a handshake. */
async function introduceExit(client: TunnelClient, exit: TunnelEnd, presharedKey?: SecretBytes): Promise<void> {
  const peer = { ...peerOf(exit, presharedKey), endpoint: client.exitAt };
  await client.device.change([
    { kind: "remove", publicKey: exit.publicKey },
    { kind: "add", peer },
  ]);
}

export function wireGuardTunnelContract(open: () => Promise<TunnelRig>): void {
  const over = (what: string, run: (rig: TunnelRig) => Promise<void>) =>
    test(what, async () => {
      await using rig = await open();
      await run(rig);
    });
  const adding = (...peers: readonly WantedPeer[]) => peers.map((peer): PeerChange => ({ kind: "add", peer }));

  over(
    "an added client reaches the exit, which then knows where it is and what it carried",
    async ({ exit, clients: [client] }) => {
      const before = Date.now();
      await exit.device.change(adding(peerOf(client, secret(1))));
      await introduceExit(client, exit, secret(1));
      assert.ok(await client.reaches(exit.address));
      const peer = (await exit.device.read()).peers.get(client.publicKey) ?? assert.fail();
      assert.equal(peer.endpoint?.address, client.outer);
      assert.ok(peer.received > 0 && peer.sent > 0);
      const handshake = peer.lastHandshake ?? assert.fail();
      assert.ok(handshake >= before - 1_000 && handshake <= Date.now() + 1_000, String(handshake - before));
    },
  );

  over(
    "a removed client is cut off at once, the other is not, and added again it is back",
    async ({ exit, clients }) => {
      const [client, other] = clients;
      await exit.device.change(adding(...clients.map((one) => peerOf(one, undefined))));
      for (const one of clients) {
        await introduceExit(one, exit);
        assert.ok(await one.reaches(exit.address));
      }
      await exit.device.change([{ kind: "remove", publicKey: client.publicKey }]);
      assert.equal(await client.reachesAtOnce(exit.address), false);
      assert.ok(await other.reachesAtOnce(exit.address));
      await exit.device.change(adding(peerOf(client, undefined)));
      await introduceExit(client, exit);
      assert.ok(await client.reaches(exit.address));
    },
  );

  over("after a change of the preshared key only who has the new one gets in", async ({ exit, clients: [client] }) => {
    await exit.device.change(adding(peerOf(client, secret(1))));
    await introduceExit(client, exit, secret(1));
    assert.ok(await client.reaches(exit.address));
    const changes = peerDrift([peerOf(client, secret(2))], await exit.device.read());
    assert.deepEqual(changes, [{ kind: "update", publicKey: client.publicKey, values: { presharedKey: secret(2) } }]);
    await exit.device.change(changes);
    await introduceExit(client, exit, secret(1));
    assert.equal(await client.reachesAtOnce(exit.address), false);
    await introduceExit(client, exit, secret(2));
    assert.ok(await client.reaches(exit.address));
  });

  over(
    "clients with each other's addresses get nothing through until the drift is repaired",
    async ({ exit, clients }) => {
      const [one, other] = clients;
      const wanted = clients.map((client) => peerOf(client, undefined));
      await exit.device.change(adding(...wanted));
      for (const client of clients) {
        await introduceExit(client, exit);
        assert.ok(await client.reaches(exit.address));
      }
      await exit.device.change([
        { kind: "update", publicKey: one.publicKey, values: swappedTo(other) },
        { kind: "update", publicKey: other.publicKey, values: swappedTo(one) },
      ]);
      for (const client of clients) assert.equal(await client.reachesAtOnce(exit.address), false);
      const changes = peerDrift(wanted, await exit.device.read());
      assert.equal(changes.length, 2);
      await exit.device.change(changes);
      for (const client of clients) assert.ok(await client.reachesAtOnce(exit.address));
    },
  );

  over(
    "a tunnel goes on after the address under it was replaced, once its endpoint is written again",
    async ({ exit, clients: [client] }) => {
      await exit.device.change(adding(peerOf(client, undefined)));
      await introduceExit(client, exit);
      assert.ok(await client.reaches(exit.address));
      const address = client.renumber();
      await client.device.change(endpointsAgain((await client.device.read()).peers));
      assert.ok(await client.reachesAtOnce(exit.address));
      assert.equal((await exit.device.read()).peers.get(client.publicKey)?.endpoint?.address, address);
    },
  );
}

function swappedTo(other: TunnelEnd): Extract<PeerChange, { readonly kind: "update" }>["values"] {
  return { prefixes: { kind: "replace", prefixes: peerOf(other, undefined).allowedPrefixes } };
}
