/** A log replays byte for byte, and whatever is not as it was is told at its line. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { step } from "@ropewalk/backhaul/pure/machine";
import type { ReplayedLine } from "@ropewalk/backhaul/pure/replay/replay";
import type { Recorded } from "@ropewalk/backhaul/pure/replay/segment-recorder";
import { decodeValue, encodeValue } from "@ropewalk/backhaul/pure/replay/value-codec";
import type { BackhaulState } from "@ropewalk/backhaul/pure/state";
import { createRandom, pick } from "./random.ts";
import { RandomLife } from "./random-life.ts";
import { chained, RecordedLife, replayed } from "./recorded-life.ts";

const seed = 2026;
/** Four lives of 400 steps, in segments of 100 lines. */
let lives: readonly RecordedLife[] = [];
before(() => {
  lives = [0, 1, 2, 3].map((each) => new RecordedLife(seed + each, 400, 100));
});

function lastOf(lines: readonly string[]): { readonly line: number; readonly told: ReplayedLine } {
  const told = replayed(lines);
  const last = told.at(-1);
  assert.ok(last);
  return { line: told.length - 1, told: last };
}

function isFault({ kind }: ReplayedLine): boolean {
  return kind === "different" || kind === "unreadable";
}

for (const [life, linesInSegment] of [1_000, 50].entries()) {
  const own = seed * (life + 1);
  test(`3,000 inputs of the life ${own} replay byte for byte, through a rotation every ${linesInSegment} lines`, () => {
    const { segments, steps, kinds } = new RecordedLife(own, 3_000, linesInSegment);
    const told = replayed(segments.flat());
    const last = told.at(-1);
    assert.ok(last !== undefined && !isFault(last), JSON.stringify(last)?.slice(0, 1_000));
    assert.equal(told.filter((line) => line.kind === "stepped").length, steps);
    assert.equal(told.filter((line) => line.kind === "opened" && line.isContinued).length, segments.length - 1);
    for (const kind of ["network", "devices", "resolvers", "config", "tick", "probed", "traffic", "order"]) {
      assert.ok((kinds.get(kind) ?? 0) > 3, `there is hardly any ${kind}`);
    }
  });
}

test("a replay may begin at any segment, and each segment stands alone", () => {
  for (const { segments } of lives) {
    for (const [index, segment] of segments.entries()) {
      assert.equal(isFault(lastOf(segment).told), false);
      assert.equal(isFault(lastOf(segments.slice(index).flat()).told), false);
    }
  }
});

test("one character changed anywhere in a line is told at that line", () => {
  const random = createRandom(seed);
  for (let turn = 0; turn < 150; turn += 1) {
    const segment = pick(random, pick(random, lives).segments);
    const line = random(segment.length);
    const old = segment[line] ?? "";
    const at = random(old.length);
    const other = String.fromCharCode(32 + ((old.charCodeAt(at) - 32 + 1 + random(94)) % 95));
    const changed = segment.with(line, old.slice(0, at) + other + old.slice(at + 1));
    const { line: toldAt, told } = lastOf(changed);
    assert.equal(
      told.kind,
      "unreadable",
      `seed ${seed}: ${JSON.stringify(old[at])} to ${JSON.stringify(other)} in ${old}`,
    );
    assert.equal(toldAt, line);
  }
});

test("a line that was made up with its right check is replayed or refused, and never more than that", () => {
  const random = createRandom(seed);
  for (let turn = 0; turn < 150; turn += 1) {
    const segment = pick(random, pick(random, lives).segments).slice(0, 20);
    const line = random(segment.length);
    const old = segment[line] ?? "";
    const at = random(old.length);
    const put = pick(random, ["", "0", "-1", "[]", "{}", "null", '"$undefined"', "1e308", '"'] as const);
    replayed(chained(segment.with(line, old.slice(0, at) + put + old.slice(at + 1 + random(9)))));
  }
});

test("a line that is missing, doubled or in another place is told", () => {
  const random = createRandom(seed);
  for (let turn = 0; turn < 50; turn += 1) {
    const segment = pick(random, pick(random, lives).segments);
    const line = 1 + random(segment.length - 2);
    const [one = "", two = ""] = segment.slice(line);
    for (const changed of [
      segment.toSpliced(line, 1),
      segment.toSpliced(line, 0, one),
      segment.toSpliced(line, 2, two, one),
    ]) {
      assert.equal(lastOf(changed).told.kind, "unreadable", `seed ${seed}, line ${line}`);
    }
  }
});

test("an input that somebody else could have recorded leads to other decisions, which are told", () => {
  for (const { segments } of lives) {
    const lines = segments.flat();
    const index = lines.findIndex((line) => line.startsWith('["network"') && line.includes('"changed":["state"'));
    const line = lines[index] ?? "";
    const other = /"hasCarrier":\[true\]/.test(line)
      ? line.replace('"hasCarrier":[true]', '"hasCarrier":[false]')
      : line.replace('"hasCarrier":[false]', '"hasCarrier":[true]');
    if (other === line) continue;
    const { line: toldAt, told } = lastOf(chained(lines.with(index, other)));
    assert.ok(told.kind === "different" && told.what === "decision", JSON.stringify(told).slice(0, 500));
    assert.equal(toldAt, index);
    assert.notEqual(told.expected, told.got);
  }
});

test("a segment that does not begin with the state before it is told, with what differs", () => {
  for (const { segments } of lives) {
    const [first = [], second = []] = segments;
    const [header = "", ...rest] = second;
    const other = header.replace(/"withoutSlot":\d+/, '"withoutSlot":7');
    const { line, told } = lastOf(chained([...first, other, ...rest]));
    assert.ok(told.kind === "different" && told.what === "state");
    assert.equal(line, first.length);
    assert.deepEqual([told.expected, told.got], ['{"withoutSlot":[7]}', '{"withoutSlot":[0]}']);
  }
});

test("of a state that was read the same parts stay, and the same are made anew, as of the one that was recorded", () => {
  const made: Recorded[] = [];
  const life = new RandomLife(seed, (recorded) => void made.push(recorded));
  while (made.length < 150) life.live();
  for (const { input, before, config } of made) {
    const decoded = decodeValue(encodeValue(before));
    assert.ok(decoded.kind === "value");
    const read = decoded.value as BackhaulState;
    const ofRecorded = keptParts(before, step(before, input, config).state);
    assert.deepEqual(keptParts(read, step(read, input, config).state), ofRecorded, `seed ${seed}, ${input.kind}`);
  }
});

/** What comes from outside with each input. */
const given: readonly string[] = ["network", "addresses", "probe"];

/** Names of what is the same object after a step. Objects that a live state holds twice are two in one that was read. */
function keptParts(before: BackhaulState, after: BackhaulState): readonly string[] {
  const same = <T extends object>(old: T, now: T) =>
    (Object.keys(now) as (keyof T & string)[]).filter((key) => typeof now[key] === "object" && now[key] === old[key]);
  const parts = [...same(before, after), ...same(before.health, after.health), ...same(before.picture, after.picture)];
  return parts.filter((part) => !given.includes(part));
}

test("what is no log is unreadable, and a header after it is gone on from", () => {
  const [segment = []] = lives[0]?.segments ?? [];
  for (const line of [
    "",
    "{}",
    "[]",
    "null",
    "[1]",
    '["tick"]',
    '{"format":"ropewalk-decisions/2"}',
    '{"format":1}',
    "{",
  ]) {
    assert.ok(isFault(lastOf([line]).told), line);
    assert.ok(isFault(lastOf(chained([...segment.slice(0, 3), line])).told), line);
  }
  const other = lastOf(['{"format":"ropewalk-decisions/2"}']).told;
  assert.match(other.kind === "unreadable" ? other.reason : "", /format "ropewalk-decisions\/2"/);
});
