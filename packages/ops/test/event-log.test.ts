/** The event log: what a reader who comes back is given. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "@ropewalk/ops/event-log";
import fc from "fast-check";

const newLog = (capacity: number) => new EventLog<number>({ epoch: "run1", capacity });

test("events after an id are given in order; at the newest there are none", () => {
  const log = newLog(10);
  assert.equal(log.latest, "run1-0");
  const first = log.append(1);
  log.append(2);
  log.append(3);
  assert.deepEqual(log.since(first), [
    { id: "run1-2", event: 2 },
    { id: "run1-3", event: 3 },
  ]);
  assert.deepEqual(log.since(log.latest), []);
});

test("events that were pushed out, ids of another run and ids of no log are gone", () => {
  const log = newLog(2);
  for (let event = 1; event <= 5; event += 1) log.append(event);
  assert.equal(log.since("run1-2"), "gone");
  assert.deepEqual(log.since("run1-3"), [
    { id: "run1-4", event: 4 },
    { id: "run1-5", event: 5 },
  ]);
  for (const id of ["run0-4", "run1-6", "run1--1", "run1-04", "run1-4.0", "run1-", "", "run1-99999999999999999999"])
    assert.equal(log.since(id), "gone", id);
});

test("listeners hear each event once, before append returns, until they are disposed", () => {
  const log = newLog(2);
  const heard: string[] = [];
  const listening = log.listen(({ id, event }) => heard.push(`${id}=${event}`));
  log.append(7);
  assert.deepEqual(heard, ["run1-1=7"]);
  listening[Symbol.dispose]();
  log.append(8);
  assert.equal(heard.length, 1);
});

test("whatever is appended, since gives exactly what was appended after the id, or says that it is gone", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer(), { maxLength: 30 }),
      fc.nat({ max: 30 }),
      (capacity, events, back) => {
        const log = newLog(capacity);
        const ids = ["run1-0", ...events.map((event) => log.append(event))];
        const from = Math.max(0, events.length - back);
        const given = log.since(ids[from] ?? "");
        if (events.length - from > capacity) assert.equal(given, "gone");
        else
          assert.deepEqual(
            given,
            events.slice(from).map((event, index) => ({ id: ids[from + 1 + index], event })),
          );
      },
    ),
  );
  fc.assert(fc.property(fc.string(), (id) => assert.equal(newLog(3).since(id), id === "run1-0" ? [] : "gone")));
});

test("an epoch or a capacity that cannot be is a defect", () => {
  assert.throws(() => new EventLog({ epoch: "a-b", capacity: 1 }), /epoch/);
  assert.throws(() => new EventLog({ epoch: "a", capacity: 0 }), /cannot keep/);
});
