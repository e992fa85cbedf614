/** A source that is told of paths, that there are none to keep to, and of others: its lane goes along, and its streams do not notice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { Latest } from "@ropewalk/kernel/latest";
import { bytes } from "@ropewalk/kernel/units";
import { openBothEnds } from "./both-ends.ts";

/** Two addresses of the loopback, as if they were of two uplinks. */
function pathBy(host: number): PathBinding {
  return {
    ...{ uplinkId: `path-${host}` as UplinkId, name: "lo", ifindex: 1, family: "ipv4", mark: 0, metered: null },
    ...{ source: ipAddress(`127.0.0.${host}`), gateway: null, mtu: bytes(65_536), state: "up", score: null },
  };
}

function connectivityOf(generation: number, ...usable: readonly PathBinding[]): Connectivity {
  return { generation, ipv4: "online", ipv6: "unknown", active: {}, usable };
}

test("paths may be managed, left to the system and managed again while a session lives", {
  timeout: 60_000,
}, async () => {
  const guidance = new Latest<Connectivity | "unmanaged">(connectivityOf(0));
  await using ends = await openBothEnds({ onTarget: (socket) => void socket.pipe(socket), connectivity: guidance });
  const local = () => {
    const state = ends.source.status().sessions[0]?.state;
    return state?.kind === "up" ? state.lane.local.split(" ")[0] : undefined;
  };
  const until = async (address: string) => {
    const end = performance.now() + 30_000;
    while (local() !== address && performance.now() < end) await delay(10);
    assert.equal(local(), address);
  };
  // Nothing is known yet: nothing is dialled.
  assert.notEqual(ends.source.status().reach.kind, "seeking");
  guidance.set("unmanaged");
  await until("127.0.0.1");
  const client = connect({ host: "127.0.0.1", port: ends.port, noDelay: true });
  const heard = async (text: string) => {
    client.write(text);
    const [octets] = (await once(client, "data")) as [Buffer];
    assert.equal(String(octets), text);
  };
  await heard("unmanaged");
  guidance.set(connectivityOf(1, pathBy(2), pathBy(3)));
  await until("127.0.0.2");
  await heard("by the better path");
  guidance.set("unmanaged");
  await heard("left where it is");
  assert.equal(local(), "127.0.0.2");
  guidance.set(connectivityOf(2, pathBy(3)));
  await until("127.0.0.3");
  await heard("by the other path");
  assert.equal(ends.source.counts.streamsOpened, 1);
  client.end();
  await once(client, "close");
});
