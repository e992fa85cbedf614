/** Requests to open a stream, as octets: each is read back, and nothing else is taken for one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "@ropewalk/kernel/host-port";
import {
  decodeOpenRequest,
  describeOpenRequest,
  encodeOpenRequest,
  type OpenRequest,
} from "@ropewalk/tunnel/pure/open-request";
import { isServiceName } from "@ropewalk/tunnel/pure/services";
import fc from "fast-check";

const port = fc.integer({ min: 1, max: 65_535 });
const host = fc
  .oneof(fc.domain(), fc.ipV4(), fc.ipV6())
  .map(parseHost)
  .filter((parsed) => parsed !== undefined);
const request: fc.Arbitrary<OpenRequest> = fc.oneof(
  port.map((number): OpenRequest => ({ kind: "port", port: number })),
  fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/).map((name): OpenRequest => ({ kind: "service", name })),
  fc.tuple(host, port).map(([name, number]): OpenRequest => ({ kind: "target", host: name, port: number })),
);

test("the octets of each kind are those of the protocol", () => {
  const text = (one: OpenRequest) => Buffer.from(encodeOpenRequest(one)).toString("latin1");
  assert.equal(text({ kind: "port", port: 0x1234 }), "\x01\x12\x34");
  assert.equal(text({ kind: "service", name: "db" }), "\x02db");
  const target = parseHost("db.example");
  assert(target !== undefined);
  assert.equal(text({ kind: "target", host: target, port: 80 }), "\x03\x00\x50db.example");
});

test("every request is read back as it was, and can be told", () => {
  fc.assert(
    fc.property(request, (one) => {
      assert.deepEqual(decodeOpenRequest(encodeOpenRequest(one)), one);
      assert.notEqual(describeOpenRequest(one), "");
    }),
  );
});

test("a host comes out canonical, in whatever spelling it came", () => {
  const decoded = decodeOpenRequest(Uint8Array.of(3, 0, 80, ...Buffer.from("::FFFF:10.0.0.5")));
  assert.deepEqual(decoded, { kind: "target", host: "10.0.0.5", port: 80 });
});

test("what is cut short, too long, of no kind, or no name and no port, is no request", () => {
  const bad = [
    "",
    "\x00",
    "\x04\x00\x50a",
    "\x01",
    "\x01\x00",
    "\x01\x00\x00",
    "\x01\x00\x16x",
    "\x02",
    "\x02DB",
    "\x02-a",
    `\x02${"a".repeat(65)}`,
  ];
  const badTargets = [
    "",
    "127.1",
    "a b",
    "a\u0000",
    "a\x7f",
    "*.a",
    "fe80::1%lo",
    "[::1]",
    "\xfc.example",
    "a".repeat(64),
    "a.".repeat(200),
  ];
  for (const text of [...bad, "\x03\x00\x00a", ...badTargets.map((name) => `\x03\x00\x50${name}`)]) {
    assert.equal(decodeOpenRequest(Buffer.from(text, "latin1")), undefined, JSON.stringify(text));
  }
});

test("whatever the octets, what is taken for a request is a canonical one", () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.integer({ min: 0, max: 4 }), port, fc.string({ maxLength: 40 }))
      .map(([kind, number, text]) => new Uint8Array([kind, number >> 8, number & 255, ...Buffer.from(text)])),
  );
  fc.assert(
    fc.property(octets, (bytes) => {
      const decoded = decodeOpenRequest(bytes);
      if (decoded === undefined) return;
      if (decoded.kind === "target") assert.equal(parseHost(decoded.host), decoded.host);
      if (decoded.kind === "service") assert(isServiceName(decoded.name));
      assert.deepEqual(decodeOpenRequest(encodeOpenRequest(decoded)), decoded);
    }),
    { numRuns: 2_000 },
  );
});
