/** Processor time, memory and gauges are read from what the kernel and a metrics page really say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countersOf, gaugesOf, processorSeconds, proportionalSetSize } from "./proc-figures.ts";

test("processor time is of the process and of children that have ended, also when its name has blanks and brackets", () => {
  const stat = "4242 (ssh) -L (x) S 1 4242 4242 0 -1 4194560 900 30 0 0 150 25 7 3 20 0 1 0 1000 1000000 300";
  assert.equal(processorSeconds(stat), 1.85);
});

test("memory is the proportional set size alone", () => {
  const rollup = "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:   9000 kB\nPss:   1234 kB\nPss_Anon:  1000 kB\n";
  assert.equal(proportionalSetSize(rollup), 1234 * 1024);
  assert.throws(() => proportionalSetSize(""), /tells no Pss/);
});

test("of a metrics page gauges and counters are told apart, with their labels", () => {
  const page = [
    ...["# HELP a_streams Open.", "# TYPE a_streams gauge", 'a_streams{role="source",peer="a b"} 3', "a_streams 0"],
    ...["# TYPE a_total counter", "a_total 9", "# TYPE held_bytes gauge", "held_bytes 1.5e+3"],
  ].join("\n");
  assert.deepEqual(
    [...gaugesOf(page)],
    [
      ['a_streams{role="source",peer="a b"}', 3],
      ["a_streams", 0],
      ["held_bytes", 1500],
    ],
  );
  assert.deepEqual([...countersOf(page)], [["a_total", 9]]);
});
