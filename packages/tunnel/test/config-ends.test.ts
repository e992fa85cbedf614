/** The tables of sources and destinations: what holds without a word, what goes together, and what is told of what does not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { renderConfig } from "@ropewalk/ops/config-render";
import { tunnelSection } from "@ropewalk/tunnel/config";

const load = (content: string) =>
  loadConfig({ sections: { tunnel: tunnelSection }, text: { path: "a.toml", content }, env: {} });

function accepted(content: string) {
  const loaded = load(content);
  assert(loaded.kind === "ok", loaded.kind === "faults" ? loaded.faults.map(describeFault).join("\n") : "");
  return loaded;
}

function faults(content: string): readonly string[] {
  const loaded = load(content);
  return loaded.kind === "ok" ? [] : loaded.faults.map(describeFault);
}

const source = '[tunnel.source]\ndestinations = ["hub.example:8443"]\n';
const destination = "[tunnel.destination]\n";

test("without their tables an end is neither source nor destination, and sessions have their bounds", () => {
  const { tunnel } = accepted("").values;
  const { sessionHold, refresh, sessionCreditBytes, maxStreams, rekey, heartbeat, http } = tunnel;
  assert.deepEqual([tunnel.source, tunnel.destination], [undefined, undefined]);
  assert.deepEqual([sessionHold, refresh, sessionCreditBytes, maxStreams], [600_000, 3_600_000, 67_108_864, 2048]);
  assert.deepEqual(rekey, { bytes: 17_179_869_184, after: 3_600_000 });
  assert.deepEqual(heartbeat, { interval: 15_000, timeout: 5_000, missed: 3 });
  assert.deepEqual(http, { listen: "127.0.0.1:7420" });
});

test("a source needs to know a destination and nothing else", () => {
  const { source: end } = accepted(source).values.tunnel;
  assert.deepEqual(end, {
    destinations: [{ host: "hub.example", port: 8443 }],
    serverNames: [],
    listen: "127.0.0.1",
    connectWithin: 10_000,
    reconnect: { first: 100, longest: 30_000, breaker: { restarts: 5, window: 60_000, pause: 30_000 } },
    expose: [],
  });
  assert.match(faults("[tunnel.source]\n").join("\n"), /tunnel\.source\.destinations: is missing: expected a list/);
});

test("a destination's table may be empty: it listens everywhere and offers nothing", () => {
  const { destination: end } = accepted(destination).values.tunnel;
  assert.deepEqual(end, {
    ...{ listen: ["0.0.0.0:8443"], connectWithin: 5_000, service: [], allowTarget: [] },
    ...{ maxSessionsPerSource: 16, maxSessions: 1024 },
  });
});

test("ports that are exposed go to the same port, to a service or to a target", () => {
  const { values } = accepted(`${source}
    [[tunnel.source.expose]]
    port = 22
    [[tunnel.source.expose]]
    port = 5432
    listen = "0.0.0.0"
    service = "db"
    max_connections = 10
    [[tunnel.source.expose]]
    port = 8080
    target = "[2001:DB8::5]:80"
  `);
  assert.deepEqual(values.tunnel.source?.expose, [
    { port: 22, maxConnections: 1000 },
    { port: 5432, listen: "0.0.0.0", service: "db", maxConnections: 10 },
    { port: 8080, target: { host: "2001:db8::5", port: 80 }, maxConnections: 1000 },
  ]);
});

test("services and allowed targets come out as the rules that they are", () => {
  const { values } = accepted(`${destination}
    listen = ["192.0.2.1:8443", "[::]:8443"]
    service = [{ name = "db", port = 5432, target = "10.0.0.5:5432" }, { name = "wiki", target = "Wiki.Lan.Example.:80" }]
    [[tunnel.destination.allow_target]]
    host = "*.LAN.example"
    cidr = "10.0.0.0/8"
    ports = [22, "8000-8100"]
    [[tunnel.destination.allow_target]]
    host = "localhost"
    ports = [631]
    [[tunnel.destination.allow_target]]
    cidr = "::ffff:10.1.0.0/112"
    ports = ["1-65535"]
  `);
  const end = values.tunnel.destination;
  assert.deepEqual(end?.listen, ["192.0.2.1:8443", "[::]:8443"]);
  assert.deepEqual(end?.service, [
    { name: "db", port: 5432, target: { host: "10.0.0.5", port: 5432 }, maxConnections: 100 },
    { name: "wiki", port: undefined, target: { host: "wiki.lan.example", port: 80 }, maxConnections: 100 },
  ]);
  assert.deepEqual(end?.allowTarget, [
    {
      host: "*.lan.example",
      networks: [{ address: "10.0.0.0", length: 8 }],
      ports: [
        { first: 22, last: 22 },
        { first: 8000, last: 8100 },
      ],
    },
    {
      host: undefined,
      networks: [
        { address: "127.0.0.1", length: 32 },
        { address: "::1", length: 128 },
      ],
      ports: [{ first: 631, last: 631 }],
    },
    { host: undefined, networks: [{ address: "10.1.0.0", length: 16 }], ports: [{ first: 1, last: 65_535 }] },
  ]);
});

test("what is wrong is told with its place and what would be right", () => {
  const faulty: readonly (readonly [content: string, expected: RegExp])[] = [
    [
      '[tunnel.source]\ndestinations = ["hub.example"]',
      /destinations\[0\] = "hub\.example": expected a host and a port/,
    ],
    [`${source}expose = [{ port = 0 }]`, /expose\[0\]\.port = 0: expected a number of at least 1/],
    [
      `${source}expose = [{ port = 1, service = "db", target = "a:1" }]`,
      /expose\[0\]\.target = "a:1": the entry names a service already/,
    ],
    [`${source}expose = [{ port = 1, service = "DB" }]`, /expose\[0\]\.service = "DB": expected a name of at most 64/],
    [`${source}listen = "eth0"`, /source\.listen = "eth0": expected an IP address/],
    [`${source}reconnect = { first = "1m", longest = "1s" }`, /reconnect\.longest = "1s": must not be shorter than/],
    [
      `${destination}listen = ["hub.example:8443"]`,
      /listen\[0\] = "hub\.example:8443": expected an address of this machine/,
    ],
    [`${destination}listen = []`, /destination\.listen: expected a number of entries of at least 1/],
    [
      `${destination}service = [{ name = "a", target = "127.1:80" }]`,
      /service\[0\]\.target = "127\.1:80": expected a host and a port/,
    ],
    [`${destination}allow_target = [{ ports = [1] }]`, /allow_target\[0\]: expected host, cidr or both/],
    [
      `${destination}allow_target = [{ host = "10.0.0.5", cidr = "10.0.0.0/8", ports = [1] }]`,
      /host = "10\.0\.0\.5": is an address already/,
    ],
    [
      `${destination}allow_target = [{ cidr = "10.0.0.5/8", ports = [1] }]`,
      /cidr = "10\.0\.0\.5\/8": has more bits.*10\.0\.0\.0\/8/,
    ],
    [
      `${destination}allow_target = [{ host = "a.*.example", ports = [1] }]`,
      /host = "a\.\*\.example": expected a name/,
    ],
    [`${destination}allow_target = [{ host = "a.example", ports = ["9-8"] }]`, /ports\[0\] = "9-8": expected a .*port/],
    [
      `${destination}allow_target = [{ host = "a.example", ports = [] }]`,
      /ports: expected a number of entries of at least 1/,
    ],
    ['[tunnel.http]\nlisten = "0.0.0.0:7420"', /http\.listen = "0\.0\.0\.0:7420": expected a loopback address/],
    [
      "[tunnel]\nmax_streams = 2049",
      /max_streams = 2049: each stream takes 16 KiB.*at most 2048, or session_credit_bytes = 67141632/,
    ],
    ['[tunnel]\nheartbeat = { interval = "1s", timeout = "2s" }', /heartbeat\.timeout = "2s": must not be longer than/],
    ['[tunnel]\nrefresh = "1ms"', /refresh = "1ms": expected 100 ms to 7 days, or "0s" for never/],
    ["[tunnel]\nrekey = { bytes = 1 }", /rekey\.bytes = 1: expected a number of at least 65536/],
  ];
  for (const [content, expected] of faulty) assert.match(faults(content).join("\n"), expected);
});

test("what is there twice is a fault that names both places", () => {
  const twice: readonly (readonly [content: string, expected: RegExp])[] = [
    [
      `${source}expose = [{ port = 22 }, { port = 22, listen = "127.0.0.1" }]`,
      /expose\[1\]\.port = 22: 127\.0\.0\.1 port 22 is tunnel\.source\.expose\[0\] already/,
    ],
    [
      `${source}expose = [{ port = 22 }, { port = 22, listen = "0.0.0.0" }]`,
      /expose\[1\]\.port.*is tunnel\.source\.expose\[0\] already \(127\.0\.0\.1\)/,
    ],
    [`${source}expose = [{ port = 7420 }]`, /expose\[0\]\.port = 7420: .* is tunnel\.http\.listen already/],
    [
      `${destination}listen = ["0.0.0.0:22"]\n${source}expose = [{ port = 22 }]`,
      /expose\[0\]\.port = 22: .* is tunnel\.destination\.listen\[0\] already/,
    ],
    [
      '[tunnel.source]\ndestinations = ["a:1", "b:1", "A:1"]',
      /destinations\[2\] = "A:1": is source\.destinations\[0\] already/,
    ],
    [
      `${destination}service = [{ name = "a", target = "a:1" }, { name = "a", target = "b:1" }]`,
      /service\[1\]\.name = "a": destination\.service\[0\] has this name already/,
    ],
    [
      `${destination}service = [{ name = "a", port = 1, target = "a:1" }, { name = "b", port = 1, target = "b:1" }]`,
      /service\[1\]\.port = 1: destination\.service\[0\] has this port already/,
    ],
  ];
  for (const [content, expected] of twice) assert.match(faults(content).join("\n"), expected);
  accepted(`${source}expose = [{ port = 22 }, { port = 22, listen = "127.0.0.2" }, { port = 22, listen = "::" }]`);
  accepted(`${destination}service = [{ name = "a", target = "a:1" }, { name = "b", target = "a:1" }]`);
  accepted(`[tunnel.http]\nlisten = "127.0.0.1:0"\n${destination}listen = ["127.0.0.1:0", "127.0.0.1:0"]`);
});

test("what the guide shows is accepted", () => {
  const guide = readFileSync(new URL("../../../docs/operating/tunnel.md", import.meta.url), "utf8");
  const shown = [...guide.matchAll(/^```toml\n([\s\S]*?)^```$/gm)].map(([, content = ""]) => content);
  assert.equal(shown.length, 2);
  const { tunnel } = accepted(shown.join("\n")).values;
  assert.deepEqual([tunnel.source?.expose.length, tunnel.destination?.service.length], [3, 2]);
});

test("every fault is told at once", () => {
  const told = faults(
    `[tunnel]\nrefresh = "soon"\n${source}expose = [{ port = 0 }]\n${destination}service = [{ name = "", target = "x" }]`,
  );
  assert.equal(told.length, 4, told.join("\n"));
});

test("what config show prints is read back as the same configuration", () => {
  const written = `${source}expose = [{ port = 22, service = "ssh" }]\n${destination}service = [{ name = "a", port = 1, target = "a:1" }]
    allow_target = [{ host = "localhost", ports = [1, "2-3"] }, { cidr = "10.0.0.0/8", ports = [1] }]`;
  for (const content of [written, source, destination]) {
    const loaded = accepted(content);
    const again = accepted(renderConfig(loaded));
    assert.deepEqual(again.values, loaded.values);
  }
});
