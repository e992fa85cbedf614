/** What the traffic programs say, cut where a pipe may cut it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TrafficOutput, type TrafficWord } from "../../src/pure/traffic-output.ts";

const record = Uint8Array.from({ length: 40 }, (_, index) => (index === 24 ? 0x20 : 10));
const said = Buffer.concat([
  Buffer.from("ready\nfrom 198.18.0.2 5000000000\nfrom 2001:db8::1 6000000000\n"),
  Buffer.from('{"records":1,"overflowed":0}\n'),
  record,
]);

test("words are told when their line is whole, and the packets at the end, wherever the output is cut", () => {
  for (let size = 1; size <= said.length; size += 1) {
    const output = new TrafficOutput();
    const words: TrafficWord[] = [];
    for (let at = 0; at < said.length; at += size) words.push(...output.push(said.subarray(at, at + size)));
    assert.deepEqual(words, [
      { kind: "ready" },
      { kind: "from", address: "198.18.0.2", at: 5_000_000_000n },
      { kind: "from", address: "2001:db8::1", at: 6_000_000_000n },
    ]);
    const { line, packets } = output.end();
    assert.deepEqual(line, { records: 1, overflowed: 0 });
    assert.equal(packets.length, 1);
  }
});

test("what is told as it goes is read word by word; a packet comes from the address named last", () => {
  const lines = ["from 198.18.0.2 5", "packet 7 3 5", "octets 1024 9", "pause 9 12", "broken ECONNABORTED 13"];
  assert.deepEqual(new TrafficOutput().push(Buffer.from(`${lines.join("\n")}\n`)), [
    { kind: "from", address: "198.18.0.2", at: 5n },
    { kind: "packet", packet: { number: 7, sentAt: 3n, arrivedAt: 5n, address: "198.18.0.2" } },
    { kind: "octets", total: 1024, at: 9n },
    { kind: "pause", from: 9n, to: 12n },
    { kind: "broken", reason: "ECONNABORTED", at: 13n },
  ]);
  assert.throws(() => new TrafficOutput().push(Buffer.from("packet 7 3 5\n")), RangeError);
  assert.throws(() => new TrafficOutput().push(Buffer.from("hello\n")), RangeError);
});

test("a program that was cut off has told nothing", () => {
  for (const length of [0, 10, said.length - 60, said.length - 1]) {
    const output = new TrafficOutput();
    output.push(said.subarray(0, length));
    assert.throws(() => output.end());
  }
  const fewer = new TrafficOutput();
  fewer.push(Buffer.from('{"records":1}\n'));
  assert.throws(() => fewer.end(), RangeError);
});
