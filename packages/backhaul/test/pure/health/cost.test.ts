/** What probes cost, from the headers up, and that a day of the thrifty profile costs less than a megabyte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { healthTables } from "@ropewalk/backhaul/health-section";
import { bytesOf, bytesPerDay } from "@ropewalk/backhaul/pure/health/cost";
import type { ProbeConfig } from "@ropewalk/backhaul/pure/health/health-config";
import type { PathSubject } from "@ropewalk/backhaul/pure/health/path-health";
import type { ProbeQuestion } from "@ropewalk/backhaul/pure/health/probe";
import type { ProbeProfileName } from "@ropewalk/backhaul/status";
import { type Family, families, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";

const defaults: ProbeConfig = healthTables.probe.parse({});

function subject(family: Family, profile: ProbeProfileName): Omit<PathSubject, "kind"> {
  const base = family === "ipv4" ? "192.0.2." : "2001:db8::";
  return {
    path: {
      uplinkId: "mac-a" as UplinkId,
      name: "wan0",
      ifindex: 2,
      family,
      source: ipAddress(`${base}7`),
      gateway: ipAddress(`${base}1`),
      mark: 1,
      mtu: bytes(1_500),
    },
    profile,
    resolvers: [ipAddress(`${base}53`), ipAddress(`${base}54`)],
  };
}

function cost(question: ProbeQuestion, family: Family = "ipv4"): number {
  return bytesOf(question, { family, mtu: bytes(1_500) });
}

const target = ipAddress("1.1.1.1");

// The figures of this test were also measured, on the far side of a veth pair.
test("a probe costs its packets, headers and all, there and back", () => {
  assert.equal(cost({ kind: "echo", target }), 2 * (20 + 8 + 8));
  assert.equal(cost({ kind: "echo", target }, "ipv6"), 2 * (40 + 8 + 8));
  assert.equal(cost({ kind: "mtu", target, size: bytes(1_428) }), 2 * 1_428);
  // SYN, SYN and ACK, ACK, RST.
  assert.equal(cost({ kind: "tcp", target, port: 443 }), 60 + 60 + 52 + 52);
  assert.equal(cost({ kind: "tcp", target, port: 443 }, "ipv6"), 80 + 80 + 72 + 72);
  const dns = { kind: "dns", resolver: target, transport: "udp", name: "dns.google" } as const;
  // Header, name and question; in the answer two records of 16 octets, or of 28.
  assert.equal(cost({ ...dns, record: "A" }), 56 + 88);
  assert.equal(cost({ ...dns, record: "AAAA" }, "ipv6"), 76 + 132);
  // With one address in the answer 508 were measured.
  assert.equal(cost({ ...dns, transport: "tcp", name: "probe.test", record: "A" }), 508 + 16);
});

test("a page that is asked by name costs the question for the name too", () => {
  const page = { kind: "http", url: "http://a.example/generate_204", status: 204, body: "" } as const;
  const lookup = cost({ ...page, resolvers: [target] }) - cost({ ...page, resolvers: [] });
  // Of both: headers, the name's nine octets and two around them, the question's four; in the answer two records.
  assert.equal(lookup, 2 * (20 + 8 + 12 + 11 + 4) + 2 * 16);
});

test("an idle day in eco, both families and every kind of probe, costs at most a megabyte", () => {
  const day = families.map((family) => bytesPerDay(subject(family, "eco"), defaults));
  const total = day.reduce((sum, one) => sum + one, 0);
  assert.ok(total > 500_000 && total <= 1_000_000, `${total} octets a day`);
});

test("what is not asked costs nothing", () => {
  const own = subject("ipv4", "normal");
  const all = bytesPerDay(own, defaults);
  const without = (changes: Partial<ProbeConfig>) => all - bytesPerDay(own, { ...defaults, ...changes });
  assert.ok(without({ http: undefined }) > 0 && without({ dns: undefined }) > 0);
  assert.equal(without({ target: defaults.target.filter(({ address }) => !address.includes(":")) }), 0);
  assert.ok(bytesPerDay({ ...own, resolvers: [] }, defaults) < all);
});

test("a profile costs the more, the shorter its times are", () => {
  const day = (["eco", "normal", "fast"] as const).map((profile) => bytesPerDay(subject("ipv4", profile), defaults));
  assert.deepEqual(
    day,
    day.toSorted((a, b) => a - b),
  );
});
