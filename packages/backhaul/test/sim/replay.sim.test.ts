/** What the whole service decides on simulated networks is decided once more from its log, byte for byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { chained, RecordedSteps, replayed } from "../replay/recorded-life.ts";
import { Site } from "./site.ts";
import { storm, worsen } from "./weather.ts";

const seed = 3;

async function recorded(profile: "fast" | "normal", time: Millis): Promise<RecordedSteps> {
  const steps = new RecordedSteps(400);
  const decisions = { record: steps.record.bind(steps), reconfigure: () => {} };
  await using site = new Site({ seed, profile, decisions });
  await site.start();
  worsen(site, storm);
  const [wan0] = site.uplinks;
  for (let turn = 0; turn < 4; turn += 1) {
    site.run(seconds(time / 4_000));
    if (turn % 2 === 0) site.cut(wan0);
    else site.setCarrier(wan0, turn === 3);
  }
  return steps;
}

for (const [profile, time] of [
  ["fast", seconds(40)],
  ["normal", seconds(200)],
] as const) {
  test(`${time / 1000} s of a storm with cuts replay byte for byte in ${profile}`, async () => {
    const { segments, steps, kinds } = await recorded(profile, time);
    const told = replayed(segments.flat());
    assert.equal(told.at(-1)?.kind, "stepped", `seed ${seed}: ${JSON.stringify(told.at(-1))?.slice(0, 1_000)}`);
    assert.equal(told.filter((line) => line.kind === "stepped").length, steps);
    const { tick = 0, probed = 0 } = Object.fromEntries(kinds);
    assert.ok(tick < 2 * probed + (20 * time) / 1_000, `${tick} ticks for ${probed} outcomes: it wakes for nothing`);
    assert.ok(told.some((line) => line.kind === "stepped" && line.events.some(({ kind }) => kind === "connectivity")));
  });
}

test("a round trip that was another by a hair shows in the state of the next segment", async () => {
  const steps = new RecordedSteps(200);
  const decisions = { record: steps.record.bind(steps), reconfigure: () => {} };
  await using site = new Site({ seed, profile: "normal", decisions });
  await site.start();
  site.run(seconds(60));
  const [first = [], second = []] = steps.segments;
  let changed = 0;
  for (let index = first.length - 20; index < first.length; index += 1) {
    const slower = (first[index] ?? "").replace(/(?<=^\["probed",[\d.]+,\d+,)\d+\.\d+/, (rtt) =>
      String(Number(rtt) + 0.001),
    );
    if (slower === first[index]) continue;
    changed += 1;
    assert.equal(replayed(chained([...first.with(index, slower), ...second])).at(-1)?.kind, "different", slower);
  }
  assert.ok(changed > 5);
});
