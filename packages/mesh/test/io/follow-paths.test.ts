/** What becomes of links when the uplinks of the machine change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { Latest } from "@ropewalk/kernel/latest";
import { bytes, millis } from "@ropewalk/kernel/units";
import { followPaths } from "@ropewalk/mesh/io/follow-paths";
import type { LinkPlace, Links } from "@ropewalk/mesh/io/links";
import { pathChange } from "@ropewalk/mesh/pure/path-change";

function path(uplink: string, source: string, score = 1): PathBinding {
  return {
    ...{ uplinkId: uplink as UplinkId, name: uplink, ifindex: 2, family: "ipv4", source: ipAddress(source) },
    ...{ gateway: null, mark: 0, mtu: bytes(1500), metered: false, state: "up", score },
  };
}

function picture(generation: number, ...usable: readonly PathBinding[]): Connectivity {
  return { generation, ipv4: "online", ipv6: "unknown", active: {}, usable };
}

const placeAt = (local: IpAddress): LinkPlace => ({
  remote: "203.0.113.1",
  remotePort: 1,
  local,
  startedAt: millis(0),
});

const [first, second] = [path("wan0", "192.0.2.2"), path("wan1", "198.51.100.2")];

test("a path that is lost, one that comes and one that is renumbered are changes; scores and order are none", () => {
  assert.deepEqual(pathChange([first, second], [second]), { gone: ["192.0.2.2"], isOther: true });
  assert.deepEqual(pathChange([first], [first, second]), { gone: [], isOther: true });
  assert.deepEqual(pathChange([first], [path("wan0", "192.0.2.9")]), { gone: ["192.0.2.2"], isOther: true });
  assert.deepEqual(pathChange([first, second], [second, path("wan0", "192.0.2.2", 5)]), { gone: [], isOther: false });
  assert.deepEqual(
    pathChange([first], [path("wan7", "192.0.2.2")]),
    { gone: [], isOther: true },
    "the address has moved",
  );
});

test("links of a path that is gone end before their peers are dialled anew, and nothing happens where nothing changed", async () => {
  const connectivity = new Latest(picture(1, first, second));
  const done: string[] = [];
  const stop = new AbortController();
  const links: Pick<Links, "endGone"> = {
    endGone: (isGone) => {
      for (const { source } of [first, second]) if (isGone(placeAt(source))) done.push(`gone ${source}`);
    },
  };
  const dialler = { pathsChanged: () => void done.push("dialled") };
  const following = followPaths(connectivity, { links, dialler }, stop.signal);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  for (const next of [picture(2, second, first), picture(3, second), picture(4, second)]) {
    connectivity.set(next);
    await turn();
  }
  stop.abort();
  await following;
  assert.deepEqual(done, ["gone 192.0.2.2", "dialled"]);
});
