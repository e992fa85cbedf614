/**
 * The epochs of a session at both ends, when lanes and answers are lost in every order: whatever happened, the next attempt that nothing
 * disturbs is believed by both, and nobody believes anything else.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { type Epoch, type ResumeClaim, SessionEpochs } from "@ropewalk/tunnel/pure/session/epochs";
import fc from "fast-check";
import { epoch } from "../lane/epochs.ts";

/** An end's own copy. */
const numbered = (number: number): Epoch => ({ ...epoch(number), transcript: new Uint8Array(48).fill(number) });
const isErased = ({ keys }: Epoch) => keys.resumption.source.every((octet) => octet === 0);

class TwoEnds {
  readonly source = new SessionEpochs(sha384, "source", numbered(1));
  readonly destination = new SessionEpochs(sha384, "destination", numbered(1));
  /** Every copy that the destination was given, in order, and every claim. */
  readonly given: Epoch[] = [];
  readonly claims: { readonly claim: ResumeClaim; readonly number: number }[] = [];
  #last = 1;

  /** The source claims on a new lane; its number. */
  claim(): { readonly claim: ResumeClaim; readonly number: number; readonly near: Epoch } {
    this.#last += 1;
    const near = numbered(this.#last);
    const claim = this.source.claim(near);
    this.claims.push({ claim, number: this.#last });
    return { claim, number: this.#last, near };
  }

  judge({ claim, number }: { readonly claim: ResumeClaim; readonly number: number }): "good" | "old" | "wrong" {
    const far = numbered(number);
    this.given.push(far);
    return this.destination.judge(claim, far);
  }

  /** One whole resumption; true if both ends believe it. */
  resume(): boolean {
    const claimed = this.claim();
    if (this.judge(claimed) !== "good") return false;
    if (!this.source.accept(this.destination.answer(), claimed.near)) return false;
    this.destination.confirm();
    return true;
  }
}

type Mishap = "claim lost" | "answer lost" | "confirmation lost" | "none";
const mishaps: readonly Mishap[] = ["claim lost", "answer lost", "confirmation lost", "none"];

function suffer(ends: TwoEnds, mishap: Mishap): void {
  const claimed = ends.claim();
  if (mishap === "claim lost") return;
  assert.equal(ends.judge(claimed), "good");
  const answer = ends.destination.answer();
  if (mishap === "answer lost") return;
  assert.ok(ends.source.accept(answer, claimed.near));
  if (mishap !== "confirmation lost") ends.destination.confirm();
}

test("whatever four attempts in a row lose, the next is believed", () => {
  const histories = mishaps.flatMap((one) =>
    mishaps.flatMap((two) => mishaps.flatMap((three) => mishaps.map((four) => [one, two, three, four] as const))),
  );
  for (const history of histories) {
    const ends = new TwoEnds();
    for (const mishap of history) suffer(ends, mishap);
    assert.ok(ends.resume(), history.join(", "));
  }
});

test("no claim of before is believed on another lane, whatever was lost, and believing none changes nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...mishaps), { maxLength: 12 }), fc.nat(), (history, from) => {
      const ends = new TwoEnds();
      for (const [index, mishap] of history.entries()) {
        suffer(ends, mishap);
        const old = ends.claims[(from + index) % ends.claims.length];
        assert.ok(old !== undefined);
        assert.equal(ends.judge({ claim: old.claim, number: 200 }), "wrong");
      }
      assert.ok(ends.resume());
    }),
    { numRuns: 60 },
  );
});

test("a claim that comes behind a later one is old, and is not answered", () => {
  const ends = new TwoEnds();
  const [first, second] = [ends.claim(), ends.claim()];
  assert.equal(ends.judge(second), "good");
  assert.equal(ends.judge(first), "old");
  assert.equal(ends.judge(second), "old");
  assert.ok(ends.source.accept(ends.destination.answer(), second.near));
});

test("an answer is believed for the last attempt alone, and only by whom it is for", () => {
  const ends = new TwoEnds();
  const first = ends.claim();
  assert.equal(ends.judge(first), "good");
  const answer = ends.destination.answer();
  const second = ends.claim();
  assert.equal(ends.source.accept(answer, second.near), false);
  assert.equal(ends.source.accept(second.claim.proof, second.near), false, "its own proof thrown back");
  assert.equal(ends.judge(second), "good");
  assert.ok(ends.source.accept(ends.destination.answer(), second.near));
});

test("one epoch at most waits beside the current one, and what gave way is erased", () => {
  const ends = new TwoEnds();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    assert.equal(ends.judge(ends.claim()), "good");
    assert.deepEqual(ends.given.map(isErased), [...Array(attempt).fill(true), false]);
  }
  const last = ends.given.at(-1);
  ends.destination.confirm();
  ends.destination.confirm();
  assert.equal(last !== undefined && isErased(last), false);
  ends.destination.erase();
  assert.ok(ends.given.every(isErased));
});

test("after the end nothing proves anything, least of all secrets of zeros", () => {
  const ends = new TwoEnds();
  const next = ends.claim();
  ends.source.erase();
  ends.destination.erase();
  const zeros: Epoch = { ...numbered(1), keys: epoch(1).keys };
  for (const secret of [zeros.keys.resumption.source, zeros.keys.resumption.destination]) secret.fill(0);
  const forger = new SessionEpochs(sha384, "source", zeros);
  const forged = forger.claim(numbered(9));
  assert.equal(ends.judge({ claim: forged, number: 9 }), "wrong");
  assert.equal(ends.judge(next), "wrong");
  const pretender = new SessionEpochs(sha384, "destination", zeros);
  assert.equal(pretender.judge(forged, numbered(9)), "good");
  assert.equal(ends.source.accept(pretender.answer(), next.near), false);
});
