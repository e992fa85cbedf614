import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResolvConf } from "@ropewalk/backhaul/io/resolv-conf";
import { fixtureText } from "./fixture.ts";

const wan0 = { ifindex: 2, name: "wan0" };

test("what dhcpcd wrote is read in its order", () => {
  assert.deepEqual(parseResolvConf(fixtureText("dhcpcd-9.4.1/resolv.conf"), wan0), {
    servers: ["192.0.2.53", "198.51.100.53", "2001:db8:1::53"],
    isLoopback: false,
  });
});

test("a loopback server is told as one, whatever stands beside it", () => {
  for (const text of ["nameserver 127.0.0.53\n", "nameserver 192.0.2.53\nnameserver ::1\n"]) {
    assert.equal(parseResolvConf(text, wan0).isLoopback, true, text);
  }
});

test("comments, indented lines and other keywords name no server", () => {
  const text =
    "#nameserver 192.0.2.1\n; nameserver 192.0.2.2\n nameserver 192.0.2.3\nnameservers 192.0.2.4\nsearch test\n";
  assert.deepEqual(parseResolvConf(text, wan0), { servers: [], isLoopback: false });
});

test("the zone of a link-local server is dropped on its own link, and the server on any other", () => {
  const text = "nameserver fe80::1%wan0\nnameserver fe80::2%wan1\n";
  assert.deepEqual(parseResolvConf(text, wan0).servers, ["fe80::1"]);
});

test("no more than three are taken, as the C library does", () => {
  const text = [1, 2, 3, 4, 5].map((last) => `nameserver 192.0.2.${last}\n`).join("");
  assert.deepEqual(parseResolvConf(text, wan0).servers, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
});
