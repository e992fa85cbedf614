/** Which questions a path is asked, of whom, and how often. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plannedChecks } from "@ropewalk/backhaul/pure/health/planned-checks";
import { checkInterval, pulsedTargets } from "@ropewalk/backhaul/pure/health/schedule";
import type { ProbeProfileName } from "@ropewalk/backhaul/status";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import { healthConfig, ip, subject } from "./rig.ts";

interface Planning {
  readonly probe?: object;
  readonly resolvers?: readonly IpAddress[];
  readonly path?: object;
  readonly profile?: ProbeProfileName;
}

function planned({ probe: tables = {}, resolvers = [ip("192.0.2.53")], path = {}, profile = "normal" }: Planning = {}) {
  const { probe } = healthConfig({ probe: tables });
  const own = { ...subject().path, ...path };
  const targets = probe.target.filter(({ address }) => address.includes(":") === (own.family === "ipv6"));
  return plannedChecks({ path: own, targets, resolvers }, probe, probe[profile]);
}

const labels = (planning?: Planning) => planned(planning).map(({ kind, role, label }) => `${kind} ${role} ${label}`);

test("a path is asked of its gateway, two targets, its resolver, one name, the page and a full packet", () => {
  assert.deepEqual(labels(), [
    "echo gateway gateway 198.18.0.1",
    "tcp target cloudflare 1.1.1.1",
    "tcp target google 8.8.8.8",
    "dns resolver resolver 192.0.2.53",
    "dns fallback resolver 192.0.2.53",
    "tls target cloudflare 1.1.1.1",
    "tls fallback google 8.8.8.8",
    "http page http://connectivitycheck.gstatic.com/generate_204",
    "mtu target cloudflare 1.1.1.1",
  ]);
});

test("no two questions of a path have one key, and the same question has the same key again", () => {
  const keys = planned({ resolvers: [ip("192.0.2.53"), ip("192.0.2.54")] }).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(
    planned({ resolvers: [ip("192.0.2.53"), ip("192.0.2.54")], profile: "eco" }).map(({ key }) => key),
    keys,
  );
});

test("a point-to-point link has no gateway to ask", () => {
  assert.ok(!labels({ path: { gateway: null } }).some((label) => label.startsWith("echo")));
});

test("without a resolver of its own no name is asked, the page's neither", () => {
  for (const resolvers of [[], [ip("127.0.0.53")], [ip("2001:db8::53")], [ip("fe80::1")]]) {
    assert.ok(!labels({ resolvers }).some((label) => /^(dns|http)/.test(label)), resolvers.join());
  }
});

test("two resolvers are asked at most, and the first also by TCP", () => {
  const resolvers = ["192.0.2.53", "192.0.2.54", "192.0.2.55"].map(ip);
  const asked = planned({ resolvers }).flatMap(({ role, question }) =>
    question.kind === "dns" ? [`${role} ${question.resolver} ${question.transport}`] : [],
  );
  assert.deepEqual(asked, ["resolver 192.0.2.53 udp", "resolver 192.0.2.54 udp", "fallback 192.0.2.53 tcp"]);
});

test("names are asked for with the record of the path's family", () => {
  const record = (planning: Planning) =>
    planned(planning).flatMap(({ question }) => (question.kind === "dns" ? [question.record] : []))[0];
  assert.equal(record({}), "A");
  const path = { family: "ipv6", source: ip("2001:db8::2"), gateway: ip("fe80::1") };
  assert.equal(record({ path, resolvers: [ip("2001:db8::53")] }), "AAAA");
});

test("a page whose host is an address is asked without a resolver, on paths of its family only", () => {
  const isAsked = (url: string, path: object = {}) =>
    labels({ resolvers: [], probe: { http: { url } }, path }).includes(`http page ${url}`);
  const ipv6 = { family: "ipv6" };
  assert.deepEqual([isAsked("http://192.0.2.80/ok"), isAsked("http://192.0.2.80/ok", ipv6)], [true, false]);
  assert.deepEqual([isAsked("http://192.0.2.80:8080"), isAsked("http://192.0.2.80:8080", ipv6)], [true, false]);
  assert.deepEqual([isAsked("http://[2001:db8::80]/"), isAsked("http://[2001:db8::80]:80/", ipv6)], [false, true]);
  assert.equal(isAsked("http://192.0.2.80.example/"), false, "a name that looks like an address");
});

test("what is switched off is not asked", () => {
  const off = labels({ probe: { http: { enabled: false }, dns: { enabled: false } } });
  assert.ok(!off.some((label) => /^(dns|http)/.test(label)), off.join());
});

test("a target without a certificate's name is not asked for one", () => {
  const target = [
    { name: "plain", address: "203.0.113.1" },
    { name: "named", address: "203.0.113.2", tls_name: "probe.example" },
  ];
  assert.deepEqual(
    labels({ probe: { target } }).filter((label) => label.startsWith("tls")),
    ["tls target named 203.0.113.2"],
  );
});

test("the full packet is as large as the path takes, and no larger than Ethernet's", () => {
  const size = (mtu: number) =>
    planned({ path: { mtu: bytes(mtu) } }).flatMap(({ question }) => (question.kind === "mtu" ? [question.size] : []));
  assert.deepEqual([size(1_280), size(1_500), size(9_000), size(65_536)], [[1_280], [1_500], [1_500], [1_500]]);
});

test("in normal every kind comes once a cycle; in eco TCP and DNS three times", () => {
  const perHour = (profile: ProbeProfileName) =>
    Object.fromEntries(planned({ profile }).map(({ kind, interval }) => [kind, seconds(3_600) / interval]));
  assert.deepEqual(perHour("normal"), { echo: 120, tcp: 120, dns: 120, tls: 120, http: 120, mtu: 120 });
  assert.deepEqual(perHour("eco"), { echo: 1, tcp: 3, dns: 3, tls: 1, http: 1, mtu: 1 });
});

test("a longer cycle never makes a check more frequent", () => {
  for (const kind of ["echo", "tcp", "dns", "tls", "http", "mtu"] as const) {
    const intervals = [10, 30, 60, 61, 120, 240, 600, 3_600].map((s) =>
      checkInterval(kind, { cycle: millis(s * 1_000) }),
    );
    assert.deepEqual(
      intervals,
      intervals.toSorted((a, b) => a - b),
      kind,
    );
  }
});

test("where a pulse a minute is too much, one target is pulsed in an interval", () => {
  assert.deepEqual([pulsedTargets({ interval: millis(59_999) }), pulsedTargets({ interval: millis(60_000) })], [2, 1]);
});

test("sixteen uplinks of two families never shake hands at one moment; where rounds are rare nobody spreads them", () => {
  const handshakes = Array.from({ length: 16 }, (_, index) => uplinkMark(index + 1)).flatMap((mark) =>
    [{}, { family: "ipv6", gateway: null }].flatMap((family) =>
      planned({ path: { mark, ...family }, profile: "fast" }).filter(
        ({ kind, role }) => kind === "tls" && role === "target",
      ),
    ),
  );
  const { cycle } = healthConfig({}).probe.fast;
  const phases = handshakes.map(({ phase = fail() }) => phase % cycle).toSorted((a, b) => a - b);
  assert.equal(phases.length, 32);
  const apart = phases.map((phase, index) =>
    index === 0 ? phase - (phases.at(-1) ?? 0) + cycle : phase - (phases[index - 1] ?? 0),
  );
  assert.ok(Math.min(...apart) > cycle / 100, `${Math.min(...apart)} ms apart`);
  assert.ok(planned({ profile: "eco" }).every(({ phase }) => phase === undefined));
});

function fail(): never {
  throw new Error("a frequent check without its moment");
}
