/** DNS messages: what a real server answers is read, what is damaged or endless is not, and names survive the way out and in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeDnsResponse, encodeDnsQuery, isSameQuestion } from "@ropewalk/backhaul/pure/probing/dns-message";
import fc from "fast-check";
import { capture } from "./dns-captures.ts";

test("a query is one question with recursion desired", () => {
  const query = encodeDnsQuery(0x1234, { name: "dns.probe.test", record: "AAAA" });
  assert.equal(query?.toHex(), "12340100000100000000000003646e730570726f6265047465737400001c0001");
});

test("what is no domain name makes no query", () => {
  const long = "a".repeat(63);
  for (const name of ["", ".", "a..b", `${long}a.test`, `${long}.${long}.${long}.${long}`, "a b.test", "bücher.test"]) {
    assert.equal(encodeDnsQuery(1, { name, record: "A" }), undefined, name);
  }
  assert.equal(encodeDnsQuery(1, { name: `${long}.${long}.${long}.${"a".repeat(61)}`, record: "A" })?.length, 271);
});

test("an answer has every address of the name", () => {
  assert.deepEqual(decodeDnsResponse(capture("a")), {
    id: 0x1234,
    question: { name: "dns.probe.test", record: "A" },
    rcode: 0,
    isTruncated: false,
    addresses: ["198.51.100.8", "198.51.100.9"],
  });
  assert.deepEqual(decodeDnsResponse(capture("aaaa"))?.addresses, ["2001:db8::8"]);
});

test("addresses of an alias count, whatever the case of its name", () => {
  assert.deepEqual(decodeDnsResponse(capture("alias"))?.addresses, ["198.51.100.9", "198.51.100.8"]);
});

test("addresses of a name that nobody asked for do not count", () => {
  const response = capture("a");
  // The owner of the second record: "test", from the middle of the question.
  response[49] = 0x16;
  assert.deepEqual(decodeDnsResponse(response)?.addresses, ["198.51.100.8"]);
});

test("a refusal is a response without addresses", () => {
  const { rcode, addresses } = decodeDnsResponse(capture("refusal")) ?? {};
  assert.deepEqual({ rcode, addresses }, { rcode: 5, addresses: [] });
});

test("a query, another opcode and two questions are no response", () => {
  for (const [at, octet] of [
    [2, 0x05],
    [2, 0x8d],
    [5, 2],
  ] as const) {
    const message = capture("a");
    message[at] = octet;
    assert.equal(decodeDnsResponse(message), undefined);
  }
});

test("a response cut anywhere is none, or one with fewer addresses when it is cut between records", () => {
  const whole = capture("a");
  for (let length = 0; length < whole.length; length += 1) {
    const decoded = decodeDnsResponse(whole.subarray(0, length));
    if (decoded === undefined) continue;
    assert.ok(length === 32 || length === 48, `${length} octets`);
    assert.equal(decoded.addresses.length, (length - 32) / 16);
  }
});

test("a name that points at itself, forward, or round in a circle is no name", () => {
  const name = 12 + 20;
  for (const pointer of [name, name + 2, 0x3fff]) {
    const message = capture("a");
    new DataView(message.buffer).setUint16(name, 0xc000 | pointer);
    assert.equal(decodeDnsResponse(message), undefined, `pointer to ${pointer}`);
  }
  const circle = capture("alias");
  // The alias's name ends with a pointer back to its own beginning.
  circle.set([0xc0, 0x2c], 0x2c + 10);
  assert.equal(decodeDnsResponse(circle), undefined);
});

test("of a message full of records only the first are read", () => {
  const question = capture("a").subarray(0, 32);
  const record = capture("a").subarray(32, 48);
  const message = new Uint8Array(32 + 16 * 4_000);
  message.set(question);
  for (let index = 0; index < 4_000; index += 1) message.set(record, 32 + 16 * index);
  new DataView(message.buffer).setUint16(6, 4_000);
  assert.equal(decodeDnsResponse(message)?.addresses.length, 32);
});

test("a question comes back as it was asked", () => {
  const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
  const asked = fc.record(
    {
      name: fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join(".")),
      record: fc.constantFrom("A" as const, "AAAA" as const),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(asked, fc.nat(0xffff), (question, id) => {
      const message = encodeDnsQuery(id, question);
      assert.ok(message);
      message[2] = 0x81;
      const { question: decoded, id: decodedId } = decodeDnsResponse(message) ?? {};
      assert.deepEqual({ decoded, decodedId }, { decoded: question, decodedId: id });
    }),
  );
});

test("two questions are the same whatever their case and the dot at their end, and not for another record", () => {
  assert.equal(isSameQuestion({ name: "A.Test.", record: "A" }, { name: "a.test", record: "A" }), true);
  assert.equal(isSameQuestion({ name: "a.test", record: "A" }, { name: "a.test", record: "AAAA" }), false);
  assert.equal(isSameQuestion({ name: "a.test", record: "A" }, { name: "b.test", record: "A" }), false);
});
