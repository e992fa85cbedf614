/** What is told to nft, and when, of what is asked of an exit's firewall. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Counted, Nft, NftOutcome } from "@ropewalk/host/nft";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { dropReasons } from "@ropewalk/vpn/node/pure/drop-reasons";
import type { ExitTable } from "@ropewalk/vpn/node/pure/exit-table";
import type { Lease, LeaseChange } from "@ropewalk/vpn/node/pure/lease-elements";

const wanted: ExitTable = {
  ...{ tunnels: ["wg0"], pools: [], ownAddresses: [], services: [], managementPrefixes: [], openedPrefixes: [] },
};
const done: NftOutcome = { kind: "done" };

/** An nft that ends what it runs when it is told to, and has the counts and chains that it is given. */
function scene() {
  const scripts: string[] = [];
  const ends: ((outcome: NftOutcome) => void)[] = [];
  const counts = new Map<string, Counted>();
  const chains: string[] = [];
  const nft: Nft = {
    run(script) {
      scripts.push(script);
      return new Promise((resolve) => ends.push(resolve));
    },
    list: async () => ({ kind: "refused", detail: "No such file or directory" }),
    counts: () => counts,
    hasChain: (_, chain) => chains.some((start) => chain.startsWith(start)),
    [Symbol.dispose]() {},
  };
  const clock = new FakeClock();
  const end = async (outcome = done) => {
    while (ends.length === 0) await new Promise(setImmediate);
    ends.shift()?.(outcome);
  };
  const lease = (address: string, seconds: number, tunnel = "wg0"): Lease => ({
    ...{ tunnel, address: ipAddress(address) },
    endsAt: millis(clock.now() + seconds * 1_000),
  });
  return { firewall: new ExitFirewall(nft, clock), scripts, end, clock, lease, counts, chains };
}

const ended = (address: string): LeaseChange => ({ tunnel: "wg0", address: ipAddress(address), endsAt: undefined });
const timeouts = (script = "") =>
  [...script.matchAll(/\. (\S+) timeout (\S+s)0ms/g)].map(([, who, how]) => `${who} ${how}`);

test("what is asked for while nft runs is one transaction behind it, the later word for an address in place of the earlier", async () => {
  const { firewall, scripts, end, lease } = scene();
  const first = firewall.change([lease("10.90.0.2", 60)]);
  await new Promise(setImmediate);
  const others = [
    firewall.change([lease("10.90.0.3", 60), lease("10.90.0.4", 60)]),
    firewall.change([ended("10.90.0.3"), lease("10.90.0.4", 90)]),
    firewall.change([lease("10.90.0.4", 70, "wg1")]),
  ];
  assert.equal(scripts.length, 1);
  await end();
  await end();
  assert.deepEqual(await Promise.all([first, ...others]), [done, done, done, done]);
  assert.deepEqual(timeouts(scripts[0]), ["10.90.0.2 60s"]);
  assert.deepEqual(timeouts(scripts[1]), ["10.90.0.4 90s", "10.90.0.4 70s"]);
});

test("a lease that had to wait for nft lasts no longer for it", async () => {
  const { firewall, scripts, end, lease, clock } = scene();
  void firewall.change([lease("10.90.0.2", 60)]);
  await new Promise(setImmediate);
  const second = firewall.change([lease("10.90.0.3", 60)]);
  clock.advance(millis(4_000));
  await end();
  await end();
  await second;
  assert.deepEqual(timeouts(scripts[1]), ["10.90.0.3 56s"]);
});

test("a new table has its own leases, what was asked for later, and nothing of before", async () => {
  const { firewall, scripts, end, lease } = scene();
  void firewall.change([lease("10.90.0.9", 60)]);
  void firewall.replace(wanted, [lease("10.90.0.2", 60), lease("10.90.0.3", 60)]);
  const last = firewall.change([ended("10.90.0.3"), lease("10.90.0.4", 60)]);
  await end();
  assert.deepEqual(await last, done);
  assert.equal(scripts.length, 1);
  assert.match(scripts[0] ?? "", /^table inet ropewalk-vpn\ndelete table inet ropewalk-vpn\n/);
  assert.deepEqual(timeouts(scripts[0]), ["10.90.0.2 60s", "10.90.0.4 60s"]);
});

test("a table of the same layout is filled anew and not deleted", async () => {
  const { firewall, scripts, end, chains } = scene();
  chains.push("layout-");
  const replaced = firewall.replace(wanted, []);
  await end();
  await replaced;
  assert.match(scripts[0] ?? "", /^flush table inet ropewalk-vpn\nflush set inet ropewalk-vpn tunnels\n/);
});

test("what is refused is told to all who waited for it, and to nobody behind them", async () => {
  const { firewall, end, lease } = scene();
  const refused: NftOutcome = { kind: "refused", detail: "No such file or directory" };
  const waiting = [firewall.change([lease("10.90.0.2", 60)]), firewall.change([lease("10.90.0.3", 60)])];
  await end(refused);
  await end(refused);
  assert.deepEqual(await Promise.all(waiting), [refused, refused]);
  const next = firewall.change([lease("10.90.0.2", 60)]);
  await end();
  assert.deepEqual(await next, done);
});

test("a change that is refused once is tried again, with what the leases have left then", async () => {
  const { firewall, scripts, end, lease, clock } = scene();
  const changed = firewall.change([lease("10.90.0.2", 60)]);
  await new Promise(setImmediate);
  clock.advance(millis(1_000));
  await end({ kind: "refused", detail: "Device or resource busy" });
  await end();
  assert.deepEqual(await changed, done);
  assert.deepEqual(
    scripts.flatMap((script) => timeouts(script)),
    ["10.90.0.2 60s", "10.90.0.2 59s"],
  );
});

test("a tunnel that has no writable name fails who asked, and nobody behind him", async () => {
  const { firewall, end, lease } = scene();
  await assert.rejects(firewall.change([lease("10.90.0.2", 60, "wg*")]), { name: "InternalError" });
  const next = firewall.change([lease("10.90.0.2", 60)]);
  await end();
  assert.deepEqual(await next, done);
});

test("a lease for a table that is being removed is refused, and given with the next table", async () => {
  const { firewall, scripts, end, lease } = scene();
  const purged = firewall.purge();
  assert.equal((await firewall.change([lease("10.90.0.2", 60)])).kind, "refused");
  await end();
  assert.deepEqual(await purged, done);
  assert.deepEqual(scripts, ["table inet ropewalk-vpn\ndelete table inet ropewalk-vpn\n"]);
});

test("counts are those of the table, or none when the kernel does not tell", () => {
  const { firewall, counts } = scene();
  assert.equal(firewall.dropCounts(), undefined);
  for (const reason of dropReasons) counts.set(reason, { packets: 5, octets: 500 });
  assert.equal(firewall.dropCounts()?.metadata.packets, 5);
});
