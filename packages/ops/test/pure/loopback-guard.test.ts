/** Who may ask a server on loopback. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { guardLoopback } from "../../src/pure/loopback-guard.ts";

const kind = (host: string, ...origins: readonly string[]) => guardLoopback([host], origins).kind;

test("loopback names and literals are allowed, with any port", () => {
  for (const host of [
    "localhost",
    "LOCALHOST:7410",
    "127.0.0.1",
    "127.0.0.1:7410",
    "127.9.8.7:1",
    "[::1]",
    "[::1]:7410",
  ]) {
    assert.equal(kind(host), "allowed", host);
  }
});

test("names that could resolve to loopback, other spellings of it and other hosts are refused", () => {
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "[::]",
    "[::ffff:127.0.0.1]",
    "128.0.0.1",
    "127.0.0.256",
    "",
    ":7410",
    "localhost:x",
    "localhost:123456",
    "[::1",
    " localhost",
  ]) {
    assert.equal(kind(host), "refused", host);
  }
});

test("a page of another origin is refused, one of this machine is allowed", () => {
  assert.equal(kind("localhost", "http://localhost:7440"), "allowed");
  assert.equal(kind("localhost", "https://[::1]"), "allowed");
  for (const origin of [
    "null",
    "https://evil.example",
    "http://localhost.evil.example",
    "file://",
    "http://a@localhost",
    "http://localhost/x",
    "",
  ]) {
    assert.equal(kind("localhost", origin), "refused", origin);
  }
  assert.equal(kind("localhost", "http://localhost", "https://evil.example"), "refused");
});

test("exactly one Host header is asked for", () => {
  assert.equal(guardLoopback([], []).kind, "refused");
  assert.equal(guardLoopback(["localhost", "localhost"], []).kind, "refused");
});

test("no text that names another host passes", () => {
  fc.assert(
    fc.property(fc.domain(), fc.nat({ max: 65_535 }), (name, port) => {
      assert.equal(kind(`${name}:${port}`), "refused");
      assert.equal(kind("localhost", `https://${name}`), "refused");
    }),
  );
});
