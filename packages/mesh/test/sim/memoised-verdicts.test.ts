import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import fc from "fast-check";
import { MemoisedVerdicts, type Prove } from "./memoised-verdicts.ts";

/** So many octets, as an announce that nobody looks into. */
const announced = (...octets: readonly number[]) => new HeardAnnounce(Uint8Array.from(octets));
const isEvenInAll = (octets: Uint8Array) => octets.reduce((sum, octet) => sum + octet, 0) % 2 === 0;
const crypto = { verify: (_: Uint8Array, message: Uint8Array) => isEvenInAll(message) };
const none = new Uint8Array();
const isEven: Prove = ({ verify }, { octets }) => verify(none, octets, none);
const isOdd: Prove = (...asked) => !isEven(...asked);
/** As the real one: what relays change is no part of what is verified. */
const isEvenFirst: Prove = ({ verify }, { octets }) => verify(none, octets.subarray(0, 1), none);

test("a verdict is asked for once for the same announce, good or bad", () => {
  const verdicts = new MemoisedVerdicts(crypto);
  for (let time = 0; time < 3; time += 1) {
    assert.equal(verdicts.prove(isEven, announced(1, 2, 3)), true);
    assert.equal(verdicts.prove(isEven, announced(1, 2, 4)), false);
  }
  assert.deepEqual(verdicts.counts, { asked: 6, verified: 2 });
});

test("what is remembered is never the verdict on anything else, nor of anybody who judges otherwise", () => {
  const few = fc.uint8Array({ maxLength: 60, max: 2 });
  const asked = fc.array(fc.tuple(fc.constantFrom(isEven, isOdd), few), { maxLength: 60 });
  fc.assert(
    fc.property(asked, (questions) => {
      const verdicts = new MemoisedVerdicts(crypto);
      for (const [by, octets] of questions) {
        const announce = new HeardAnnounce(octets);
        assert.equal(verdicts.prove(by, announce), by(crypto, announce));
      }
    }),
  );
});

test("a signature is verified once, however far its announces have come", () => {
  const verdicts = new MemoisedVerdicts(crypto);
  for (let hops = 0; hops < 5; hops += 1) assert.equal(verdicts.prove(isEvenFirst, announced(2, hops)), true);
  assert.deepEqual(verdicts.counts, { asked: 5, verified: 1 });
});

test("octets that are changed afterwards change nothing that was remembered", () => {
  const verdicts = new MemoisedVerdicts(crypto);
  const announce = announced(1, 2, 3);
  assert.equal(verdicts.prove(isEven, announce), true);
  announce.octets[0] = 2;
  assert.equal(verdicts.prove(isEven, announce), false);
  assert.equal(verdicts.prove(isEven, announced(1, 2, 3)), true);
});

test("forgeries by the hundred thousand do not stay", () => {
  const verdicts = new MemoisedVerdicts(crypto);
  const forged = announced(...new Uint8Array(64));
  for (let count = 0; count < 100_001; count += 1) {
    new DataView(forged.octets.buffer).setUint32(60, count);
    verdicts.prove(isEven, forged);
  }
  new DataView(forged.octets.buffer).setUint32(60, 0);
  verdicts.prove(isEven, forged);
  assert.equal(verdicts.counts.verified, 100_002);
});

test("no source reaches it, nor anything else of the simulator", () => {
  const sources = globSync(["packages/*/src/**/*.{ts,tsx}", "apps/*/src/**/*.{ts,tsx}", "bin/**"]);
  assert.ok(sources.length > 100);
  for (const file of sources.filter((name) => /\.[mt]sx?$/.test(name))) {
    const text = readFileSync(file, "utf8");
    assert.doesNotMatch(text, /["'][^"']*(?:\/test\/|memoised-verdicts)[^"']*["']/, file);
  }
});
