import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServer, parseServers } from "@ropewalk/backhaul/io/server-address";

const wan0 = { ifindex: 2, name: "wan0" };

for (const [text, address] of [
  ["192.0.2.53", "192.0.2.53"],
  ["192.0.2.53:53", "192.0.2.53"],
  ["203.0.113.54#dns.example.test", "203.0.113.54"],
  ["2001:DB8::53", "2001:db8::53"],
  ["[2001:db8::53]:53%wan0#dns.example.test", "2001:db8::53"],
  ["[2001:db8::53]", "2001:db8::53"],
  ["fe80::1", "fe80::1"],
  ["fe80::1%wan0", "fe80::1"],
  ["fe80::1%2", "fe80::1"],
] as const) {
  test(`${text} is a server of the link`, () => assert.equal(parseServer(text, wan0), address));
}

for (const [text, why] of [
  ["fe80::1%wan1", "it belongs to another link"],
  ["192.0.2.53:853", "it does not answer on port 53"],
  ["[2001:db8::53]:853#dns.example", "it does not answer on port 53"],
  ["0.0.0.0", "it is nobody's address"],
  ["::", "it is nobody's address"],
  ["dns.example.test", "it is a name"],
  ["192.0.2.256", "it is no address"],
  ["https://192.0.2.53/dns-query", "it is no address"],
  ["", "it is nothing"],
] as const) {
  test(`"${text}" is no server of the link: ${why}`, () => assert.equal(parseServer(text, wan0), undefined));
}

test("servers keep their order, come once, and end at sixteen", () => {
  const many = Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`);
  assert.deepEqual(parseServers(["192.0.2.9", "nonsense", "192.0.2.9", "192.0.2.1"], wan0), ["192.0.2.9", "192.0.2.1"]);
  assert.deepEqual(parseServers(many, wan0), many.slice(0, 16));
});
