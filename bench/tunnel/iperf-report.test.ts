/** What is read from iperf3's report: receivers' sums of both directions, and its own words when it failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIperf, parseSteadyRate } from "./iperf-report.ts";

const sum = (bytes: number, bits: number) => ({ start: 0, end: 1, seconds: 1, bytes, bits_per_second: bits });

test("what the receivers got counts, and not what was sent", () => {
  const end = { sum_sent: sum(9_000, 72_000), sum_received: sum(8_000, 64_000) };
  assert.deepEqual(parseIperf(JSON.stringify({ end })), { octets: 8_000, bitsPerSecond: 64_000 });
});

test("of both directions at once, the sum", () => {
  const end = { sum_received: sum(8_000, 64_000), sum_received_bidir_reverse: sum(1_000, 8_000) };
  assert.deepEqual(parseIperf(JSON.stringify({ end })), { octets: 9_000, bitsPerSecond: 72_000 });
});

test("a failure is told in iperf3's own words", () => {
  assert.throws(() => parseIperf('{"error":"the server is busy"}'), /iperf3: the server is busy/);
  assert.throws(() => parseIperf('{"end":{}}'), /tells no sum/);
});

test("the steady rate is the receiver's, without its beginning and its last second", () => {
  const seconds = (...bits: readonly number[]) => bits.map((rate, start) => ({ sum: { ...sum(1, rate), start } }));
  const report = {
    intervals: seconds(900, 900, 900, 900, 900),
    server_output_json: { intervals: seconds(1, 50, 70, 90, 2) },
  };
  assert.equal(parseSteadyRate(JSON.stringify(report), "server", 2), 80);
  assert.equal(parseSteadyRate(JSON.stringify(report), "client", 0), 900);
  assert.throws(() => parseSteadyRate("{}", "server", 0), /server tells of no second/);
});
