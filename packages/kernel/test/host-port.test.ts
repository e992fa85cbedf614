/** Hosts and ports: one form of each, and no address in disguise. */
import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import { formatHostPort, parseHost, parseHostPort } from "@ropewalk/kernel/host-port";
import fc from "fast-check";

test("names are lower-case and without a dot at the end, addresses canonical, and IPv4 within IPv6 is IPv4", () => {
  const spellings: readonly (readonly [text: string, host: string])[] = [
    ["Hub.Example", "hub.example"],
    ["hub.example.", "hub.example"],
    ["db", "db"],
    ["my_db-1", "my_db-1"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["::ffff:10.0.0.5", "10.0.0.5"],
    ["::FFFF:0a00:0005", "10.0.0.5"],
    ["0:0:0:0:0:ffff:10.0.0.5", "10.0.0.5"],
    [`${"a".repeat(63)}.${"b".repeat(63)}`, `${"a".repeat(63)}.${"b".repeat(63)}`],
  ];
  for (const [text, host] of spellings) assert.equal(parseHost(text), host, text);
});

test("old spellings of addresses, zones, brackets, stars and what is no name are no host", () => {
  const refused = [
    ...[
      "127.1",
      "2130706433",
      "0x7f000001",
      "0x7f.0.0.1",
      "0177.0.0.1",
      "127.0.0.1.",
      "1.2.3.4.5",
      "256.1.1.1",
      "a.1",
      "a.0x",
      "0X7F.1",
    ],
    ...[
      "fe80::1%eth0",
      "[::1]",
      "::1]",
      ":",
      "::g",
      "1::2::3",
      "*",
      "*.example",
      "-a.example",
      "a-.example",
      "a..b",
      ".a",
      ".",
      "",
    ],
    ...[
      "bücher.example",
      "a b",
      "a/b",
      "a:1",
      "a@b",
      "a\u0000",
      "localhost\n",
      "１２７.0.0.1",
      "a".repeat(64),
      `${"a.".repeat(127)}ab`,
    ],
  ];
  for (const text of refused) assert.equal(parseHost(text), undefined, JSON.stringify(text));
});

test("a host and a port are read back as they are written", () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (text, port) => {
      const parsed = parseHost(text);
      fc.pre(parsed !== undefined);
      assert.deepEqual(parseHostPort(formatHostPort({ host: parsed, port })), { host: parsed, port });
    }),
  );
  for (const text of [
    "a",
    "a:",
    "a:0",
    "a:65536",
    "a:1x",
    ":1",
    "::1:1",
    "[a]:1",
    "[::1]",
    "[::1]1",
    "a:1:2",
    "a: 1",
    "a:000001",
  ]) {
    assert.equal(parseHostPort(text), undefined, text);
  }
});

test("whatever is taken for a host is canonical, and for an address only where Node takes it for one", () => {
  const near = fc.stringMatching(/^[0-9a-fA-FxX.:%[\]*_-]{0,40}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), near, fc.ipV4Extended(), fc.ipV6()), (text) => {
      const host = parseHost(text);
      if (host === undefined) return;
      assert.equal(parseHost(host), host);
      if (isIP(text) !== 0) assert.notEqual(isIP(host), 0);
      else assert.match(host, /^[a-z0-9_.-]+$/);
      assert.equal(isIP(host) === 0, isIP(text) === 0);
    }),
    { numRuns: 2_000 },
  );
});
