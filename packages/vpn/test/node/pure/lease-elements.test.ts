/** Leases as commands of nft. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import { changeLeases, fillLeases } from "@ropewalk/vpn/node/pure/lease-elements";

const now = millis(1_000);
const lease = (address: string, endsAt: number) => ({
  ...{ tunnel: "wg0", address: ipAddress(address) },
  endsAt: millis(endsAt),
});

test("a lease lasts as long as it has left, and never longer", () => {
  assert.equal(
    fillLeases([lease("10.90.0.2", 3_500.9), lease("fd90::2", 2_000)], now),
    'add element inet ropewalk-vpn leases4 { "wg0" . 10.90.0.2 timeout 2s500ms }\n' +
      'add element inet ropewalk-vpn leases6 { "wg0" . fd90::2 timeout 1s0ms }\n',
  );
});

test("a lease that is over, or has less than a millisecond left, is not given: a timeout of nothing would be none at all", () => {
  assert.equal(fillLeases([lease("10.90.0.2", 1_000), lease("10.90.0.3", 1_000.9), lease("10.90.0.4", 5)], now), "");
});

test("a change makes sure that the lease is there, removes it, and gives it anew; an end does not give it anew", () => {
  const end = { tunnel: "wg0", address: ipAddress("10.90.0.3"), endsAt: undefined };
  assert.equal(
    changeLeases([lease("10.90.0.2", 2_000), end, lease("10.90.0.4", 900)], now),
    'add element inet ropewalk-vpn leases4 { "wg0" . 10.90.0.2 timeout 1h, "wg0" . 10.90.0.3 timeout 1h, "wg0" . 10.90.0.4 timeout 1h }\n' +
      'delete element inet ropewalk-vpn leases4 { "wg0" . 10.90.0.2, "wg0" . 10.90.0.3, "wg0" . 10.90.0.4 }\n' +
      'add element inet ropewalk-vpn leases4 { "wg0" . 10.90.0.2 timeout 1s0ms }\n',
  );
  assert.equal(changeLeases([], now), "");
});

test("a name that would be read as something else than a name is never written", () => {
  for (const tunnel of ['wg0" . 0.0.0.0', "wg*", "a\\", "", "wg0\n", "a b", "sixteen-letters-"])
    assert.throws(
      () => changeLeases([{ ...lease("10.90.0.2", 2_000), tunnel }], now),
      { name: "InternalError" },
      tunnel,
    );
});
