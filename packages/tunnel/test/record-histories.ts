/**
 * Random histories of sessions, as far as their records go: handshakes, lanes, records in both directions, changes of keys, ends that
 * crash and begin anew; with a log of every (key, nonce).
 */
import assert from "node:assert/strict";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { sha384 } from "@ropewalk/crypto/sha384";
import { millis } from "@ropewalk/kernel/units";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { LaneOffer, LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import { RecordOpener } from "@ropewalk/tunnel/pure/lane/record-opener";
import { RecordSealer } from "@ropewalk/tunnel/pure/lane/record-sealer";
import { type Epoch, epoch, numberedFrame, openedBy, sealed } from "./pure/lane/epochs.ts";
import { logged, type RecordLog } from "./record-log.ts";

/** 0 ≤ x < 1. */
type Chance = () => number;

interface Ends {
  readonly epoch: Epoch;
  /** The destination's, for as long as it runs. */
  readonly welcomes: LaneWelcomes;
  lanes: number;
}

interface Direction {
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
}

const roles: readonly Role[] = ["source", "destination"];

/** Goes on until the log has `records`. Throws AssertionError where a record does not arrive as it was sent. */
export function runHistory(log: RecordLog, records: number, chance: Chance): void {
  const crypto = { sha384, createCipher: logged(createRecordCipher, log) };
  const random = (length: number) => Uint8Array.from({ length }, () => Math.floor(chance() * 256));
  for (let handshakes = 0; log.records < records; handshakes += 1) {
    const ends = shaken(handshakes);
    do {
      const directions = connect(ends, random, crypto);
      const most = chance() < 0.1 ? 4_000 : 200;
      talk(directions, chance, Math.min(most, records - log.records));
      // Most lanes are replaced after another handshake; a crash, too, is followed by one.
    } while (chance() < 0.3 && log.records < records);
  }
}

/** Of each handshake, another epoch; a destination that has begun anew knows none of the old ones. */
function shaken(number: number): Ends {
  const secret = sha384.hash(Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number));
  const fresh = epoch(secret);
  return { epoch: fresh, welcomes: new LaneWelcomes(sha384, fresh.id, fresh.keys), lanes: 0 };
}

function connect(
  ends: Ends,
  random: (length: number) => Uint8Array,
  crypto: ConstructorParameters<typeof RecordSealer>[0],
): readonly Direction[] {
  ends.lanes += 1;
  const { id, keys } = ends.epoch;
  const offer = new LaneOffer(sha384, { epoch: id, keys, lane: ends.lanes, nonce: random(32) });
  const welcomed = ends.welcomes.answer(offer.hello, random(32)) ?? assert.fail("not welcomed");
  const replayed = ends.welcomes.answer(offer.hello, random(32));
  assert.equal(replayed, undefined, "a hello that comes again");
  const own = offer.receive(welcomed.welcome);
  assert.ok(own.kind === "welcomed");
  const of = (role: Role) => (role === "source" ? own.secrets : welcomed.secrets)[role];
  const other = (role: Role) => (role === "source" ? welcomed.secrets : own.secrets)[role];
  return roles.map((role) => ({
    sealer: new RecordSealer(crypto, of(role), millis(0)),
    opener: new RecordOpener(crypto, other(role)),
  }));
}

function talk(directions: readonly Direction[], chance: Chance, records: number): void {
  for (let index = 0; index < records; index += 1) {
    const { sealer, opener } = directions[chance() < 0.5 ? 0 : 1] ?? assert.fail();
    if (chance() < 0.01) {
      const record = sealer.update(millis(0));
      assert.deepEqual(openedBy(opener, record[0] ?? assert.fail()), [{ type: "key-update" }]);
    } else {
      // A crash, or a lane that is lost, leaves records that nobody opens.
      const record = sealed(sealer, numberedFrame(index));
      assert.deepEqual(openedBy(opener, record), [numberedFrame(index)]);
    }
  }
}

/** Numbers without any pattern that matters here, the same for the same seed. */
export function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
