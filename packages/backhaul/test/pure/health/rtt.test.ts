import assert from "node:assert/strict";
import { test } from "node:test";
import { isQueued, type RttEstimate, replyTime, unknownRtt, withSample } from "@ropewalk/backhaul/pure/health/rtt";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";

const sample = (estimate: RttEstimate | undefined, rtt: number) => withSample(estimate, millis(rtt), false);
const after = (samples: readonly number[]) =>
  samples.reduce<RttEstimate | undefined>((estimate, rtt) => sample(estimate, rtt), undefined);

test("the first sample sets SRTT to itself and RTTVAR to its half (RFC 6298 §2.2)", () => {
  const estimate = after([40]);
  assert.deepEqual([estimate?.smoothed, estimate?.variation, estimate?.jitter], [40, 20, 0]);
});

test("the second sample moves SRTT by an eighth and RTTVAR by a quarter (RFC 6298 §2.3)", () => {
  const estimate = after([40, 80]);
  assert.deepEqual([estimate?.smoothed, estimate?.variation], [45, 25]);
});

test("a reply may take SRTT and four times RTTVAR; of a path that never answered nothing is known", () => {
  assert.equal(replyTime(after([40])), 120);
  assert.equal(replyTime(undefined), unknownRtt);
});

test("what was sent before anything was heard may have waited for the next hop's address: it stands until there is better", () => {
  const waited = [1_000, 950, 900].reduce<RttEstimate | undefined>(
    (e, rtt) => withSample(e, millis(rtt), true),
    undefined,
  );
  assert.equal(waited?.isFirst, true);
  assert.ok((waited?.smoothed ?? 0) > 900);
  assert.deepEqual(sample(waited, 20), after([20]));
});

test("the base falls at once and rises slowly: a queue of half a minute leaves it where it was", () => {
  const quiet = after([20, 20, 20]);
  const full = Array.from({ length: 30 }).reduce<RttEstimate | undefined>((e) => sample(e, 2_000), quiet);
  assert.ok((full?.base ?? 0) < 100, `${full?.base}`);
  assert.equal(sample(full, 15).base, 15);
});

test("a reply waited in a queue when it took twice the base and a tenth of a second more", () => {
  const estimate = sample(after([20]), 20);
  assert.deepEqual(
    [100, 119, 121, 500].map((rtt) => isQueued(estimate, millis(rtt))),
    [false, false, true, true],
  );
  const long = sample(after([600]), 600);
  assert.equal(isQueued(long, millis(900)), false, "a satellite's jitter is no queue");
});

test("no samples make an estimate that is not between the least and the most of them", () => {
  const samples = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(samples, (list) => {
      const estimate = after(list);
      const most = Math.max(...list);
      assert.ok(estimate !== undefined && estimate.smoothed <= most + 1e-6 && estimate.base <= most + 1e-6);
      assert.ok(estimate.smoothed >= Math.min(...list) - 1e-6 && estimate.variation >= 0 && estimate.jitter >= 0);
    }),
  );
});
