/** What is looked after beside keys: that what has ended goes from the store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { MessageKeys } from "@ropewalk/mesh/pure/messages/message-keys";
import type { StoreOutcome } from "@ropewalk/mesh/pure/messages/store-operations";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import { Routes } from "@ropewalk/mesh/pure/routing/routes";
import { storeTime } from "./held-makers.ts";
import { person } from "./sealing/people.ts";

const none = { outbox: 0, custody: 0, proofs: 0, parts: 0, seen: 0, chains: 0, prekeys: 0 };

test("what has ended goes from the store until nothing of it is left, and not before it is asked for again", () => {
  const now = millis(1_000);
  const answers: ((outcome: StoreOutcome) => void)[] = [];
  const keys = new MessageKeys(
    {
      routes: new Routes({ most: 10, contacts: [] }, () => 0.5),
      crypto: person(1),
      calendar: new StoreCalendar({ now, wall: 1_800_000_000_000, last: storeTime(0) }),
      store: (operation, then) => {
        if (operation.kind === "expire") answers.push((outcome) => then?.(now, "durable", outcome));
      },
      onPrekey: () => {},
    },
    now,
  );
  keys.expire(now);
  for (const isMore of [true, true, false]) {
    assert.equal(answers.length, 1);
    answers.pop()?.({ kind: "expired", rows: { ...none, seen: 1_000 }, isMore });
  }
  keys.expire(millis(now + 1));
  assert.equal(answers.length, 0);
  keys.expire(millis(now + 60_000));
  assert.equal(answers.length, 1);
});
