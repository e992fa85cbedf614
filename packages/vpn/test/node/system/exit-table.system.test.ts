/** nft takes every table and every lease that can be written, and makes of it what it makes of it again. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { isQuotable } from "@ropewalk/host/interface-name";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import type { ExitTable } from "@ropewalk/vpn/node/pure/exit-table";
import fc from "fast-check";
import { inOwnNamespace } from "../../in-own-namespace.ts";

const address = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map((octets) => ipAddressFromBytes(octets) ?? assert.fail());
const prefix = fc
  .tuple(address, fc.nat(128))
  .map(([one, length]) => ({ address: one, length: one.includes(":") ? length : Math.min(32, length) }));
const prefixes = fc.array(prefix, { maxLength: 6 });
const name = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 15 }).filter(isQuotable);
const table: fc.Arbitrary<ExitTable> = fc.record({
  tunnels: fc.array(name, { maxLength: 4 }),
  pools: prefixes,
  ownAddresses: fc.array(address, { maxLength: 4 }),
  services: fc.array(
    fc.record({ protocol: fc.constantFrom("tcp" as const, "udp" as const), port: fc.integer({ min: 1, max: 65_535 }) }),
    { maxLength: 4 },
  ),
  managementPrefixes: prefixes,
  openedPrefixes: prefixes,
});
const keys = fc.uniqueArray(fc.record({ tunnel: name, address }), {
  maxLength: 8,
  selector: ({ tunnel, address: one }: { tunnel: string; address: IpAddress }) => `${tunnel} ${one}`,
});

inOwnNamespace(import.meta.filename, () => {
  const clock = createSystemClock();
  const listed = () =>
    execFileSync("nft", ["list", "table", "inet", "ropewalk-vpn"], { encoding: "utf8" }).replace(/expires \S+/g, "");

  test("any table is made, filled anew, and then as it would be had it been made at once", async () => {
    using nft = createNftLibrary(createNative());
    const firewall = new ExitFirewall(nft, clock);
    await fc.assert(
      fc.asyncProperty(table, keys, keys, async (wanted, granted, ended) => {
        const leases = granted.map((key) => ({ ...key, endsAt: seconds(1e6) }));
        const isDone = async (work: ReturnType<typeof firewall.purge>) =>
          assert.deepEqual(await work, { kind: "done" });
        await isDone(firewall.replace(wanted, leases));
        await isDone(firewall.change(ended.map((key) => ({ ...key, endsAt: undefined }))));
        await isDone(firewall.replace(wanted, []));
        const refilled = listed();
        await isDone(firewall.purge());
        await isDone(firewall.replace(wanted, []));
        assert.equal(refilled, listed());
      }),
      { numRuns: 60 },
    );
  });
});
