/** The checker of histories, on small ones made by hand: what is good passes, and each thing that must not be is found by its law. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HistoryChecker } from "./check-history.ts";
import { HistoryWriter } from "./history-writer.ts";

const check = (history: HistoryWriter) => new HistoryChecker(history.terms).check(history.epoch());

/** A session of a customer on a node, begun by the book: at 10 it is ordered, at 20 carried, at 30 current, at 40 told. */
function begun(): HistoryWriter {
  return new HistoryWriter()
    .commit(10, (rows) => rows.begin("s", "anna").place("p", "s", "one", "10.0.0.2"))
    .set(20, "one", "anna", "10.0.0.2")
    .answer(25, "one", "p", 1, "placed")
    .commit(30, (rows) => rows.role("p", "current").state("s", "active"))
    .told(5, 40, "start", "anna", { id: "s", state: "active", place: { node: "one", addresses: ["10.0.0.2"] } });
}

/** And ended: asked at 50, removed at 60, over at 70, told at 80. */
function ended(): HistoryWriter {
  return begun()
    .commit(50, (rows) => rows.role("p", "draining").state("s", "terminating"))
    .remove(60, "one", "anna")
    .answer(65, "one", "p", 2, "removed")
    .commit(70, (rows) => rows.role("p", "released").state("s", "terminated"))
    .toldEnd(45, 80, "anna", "s", true);
}

test("a session that began, and one that ended, by the book break no law", () => {
  assert.deepEqual(check(begun()), []);
  assert.deepEqual(check(ended()), []);
});

test("what was settled in one epoch goes on in the next", () => {
  const first = begun();
  const checker = new HistoryChecker(first.terms);
  assert.deepEqual(checker.check(first.epoch()), []);
  const second = first
    .next()
    .commit(150, (rows) => rows.role("p", "draining").state("s", "terminating"))
    .remove(160, "one", "anna")
    .commit(170, (rows) => rows.role("p", "released").state("s", "terminated"));
  assert.deepEqual(checker.check(second.epoch()), []);
});

const faults: readonly (readonly [name: string, law: RegExp, history: () => HistoryWriter])[] = [
  [
    "a second session of a customer",
    /law 1: customer anna has 2/,
    () => begun().commit(50, (rows) => rows.begin("t", "anna").place("q", "t", "two", "10.0.0.2")),
  ],
  [
    "a session that comes back",
    /law 1: session s was over/,
    () => ended().commit(90, (rows) => rows.state("s", "active")),
  ],
  [
    "a session that is written when it is over",
    /law 1: session s was over/,
    () => ended().commit(90, (rows) => rows.state("s", "terminated")),
  ],
  [
    "two places that are coming",
    /law 2: session s has two that are coming/,
    () => begun().commit(50, (rows) => rows.place("q", "s", "two", "10.0.0.3").place("r", "s", "three", "10.0.0.4")),
  ],
  [
    "an active session without a place",
    /law 2: session s is active and has no place/,
    () => begun().commit(50, (rows) => rows.role("p", "draining")),
  ],
  [
    "a place that is current before its node has it",
    /law 3: placement p became current/,
    () =>
      new HistoryWriter().commit(10, (rows) =>
        rows.begin("s", "anna").place("p", "s", "one", "10.0.0.2").role("p", "current").state("s", "active"),
      ),
  ],
  [
    "an answer before the peer",
    /law 3: session s was told to be active before its node had the peer/,
    () =>
      new HistoryWriter()
        .commit(10, (rows) =>
          rows.begin("s", "anna").place("p", "s", "one", "10.0.0.2").role("p", "current").state("s", "active"),
        )
        .told(5, 40, "start", "anna", { id: "s", state: "active", place: { node: "one", addresses: ["10.0.0.2"] } })
        .set(90, "one", "anna", "10.0.0.2"),
  ],
  [
    "a place that nobody was given",
    /was told a place that it never had/,
    () =>
      begun().told(45, 50, "move", "anna", {
        id: "s",
        state: "active",
        place: { node: "two", addresses: ["10.0.0.9"] },
      }),
  ],
  ["a peer that nobody ordered", /law 4: bert .* never ordered/, () => begun().set(50, "one", "bert", "10.0.0.9")],
  ["a peer with another's address", /law 6: node one carries two/, () => begun().set(50, "one", "bert", "10.0.0.2")],
  [
    "a peer that comes back behind its release",
    /law 4: anna .* never ordered|law 4: anna .* released/,
    () => ended().set(75, "one", "anna", "10.0.0.2"),
  ],
  [
    "a peer that stays behind its release",
    /law 4: anna .* although it is released/,
    () =>
      begun()
        .commit(50, (rows) => rows.role("p", "released").state("s", "terminated"))
        .remove(90, "one", "anna"),
  ],
  [
    "a peer that stays for longer than it may last",
    /law 5: anna .* longer/,
    () =>
      begun()
        .commit(50, (rows) => rows.role("p", "draining").state("s", "terminating"))
        .remove(20_000, "one", "anna")
        .commit(20_010, (rows) => rows.role("p", "released").state("s", "terminated")),
  ],
  [
    "a reservation that becomes shorter",
    /law 5: placement p is reserved for less/,
    () => begun().commit(50, (rows) => rows.until("p", 5_000)),
  ],
  [
    "two owners of an address",
    /law 6: 10.0.0.2 of node one has two owners/,
    () => begun().commit(50, (rows) => rows.begin("t", "bert").place("q", "t", "one", "10.0.0.2")),
  ],
  [
    "a session that is over while its node is waited for",
    /law 7: session s is over while/,
    () => begun().commit(50, (rows) => rows.role("p", "draining").state("s", "terminated")),
  ],
  [
    "a node that is given up too soon",
    /law 7: placement p drained for 50 ms/,
    () =>
      begun()
        .commit(50, (rows) => rows.role("p", "draining").state("s", "terminating"))
        .commit(100, (rows) => rows.role("p", "orphaned").state("s", "terminated")),
  ],
  [
    "an end that is confirmed too soon",
    /law 7: session s was confirmed/,
    () =>
      begun()
        .toldEnd(42, 45, "anna", "s", true)
        .commit(44, (rows) => rows.role("p", "orphaned").state("s", "terminated")),
  ],
  [
    "an end that is told before it is",
    /law 7: session s was told to be over/,
    () => begun().toldEnd(42, 45, "anna", "s", false),
  ],
  [
    "a removal that is answered and not done",
    /law 7: placement p was answered to be removed/,
    () => begun().answer(50, "one", "p", 2, "removed"),
  ],
  [
    "an older order behind a later one",
    /generation 1 of placement p was placed behind 2/,
    () => ended().answer(90, "one", "p", 1, "placed"),
  ],
  [
    "a generation that was drawn before",
    /generation 1 of node one was ordered behind 1/,
    () => begun().commit(50, (rows) => rows.order("one", 1)),
  ],
  ["a peer that is gone at last", /law 8: one anna is carried by nobody/, () => begun().remove(90, "one", "anna")],
  [
    "a machine that started again and was not told",
    /law 8: one anna is carried by nobody/,
    () => begun().empty(90, "one"),
  ],
  ["a peer that is there at last", /law 8: node one carries anna/, () => ended().set(90, "one", "anna", "10.0.0.2")],
  [
    "a place that is orphaned at last",
    /law 8: placement p is orphaned/,
    () => begun().commit(2_000, (rows) => rows.role("p", "orphaned").state("s", "terminated")),
  ],
  [
    "two answers to one request",
    /was answered .* and then/,
    () => begun().repeated("k", "session-exists").repeated("k", "no-node"),
  ],
  ["a defect", /failed by a defect/, () => begun().repeated("k", "internal")],
  [
    "another's session",
    /was told of another's/,
    () =>
      begun().told(45, 50, "start", "bert", {
        id: "s",
        state: "active",
        place: { node: "one", addresses: ["10.0.0.2"] },
      }),
  ],
  [
    "a session that is not seen",
    /told to have no session while he had one/,
    () => begun().looked(50, 60, "anna", undefined),
  ],
  [
    "a session that is seen when it is over",
    /was told of session s, which was over/,
    () => ended().looked(110, 120, "anna", { id: "s", state: "active", place: undefined }),
  ],
  ["a session that began untold", /audit: session s began untold/, () => begun().without("session.start")],
];

for (const [name, law, history] of faults)
  test(`${name}: found`, () => {
    const found = check(history());
    assert.ok(
      found.some((fault) => law.test(fault)),
      found.join("\n"),
    );
  });

test("an answer that may not have been kept, since the database was away, need not be the same again", () => {
  const history = begun().repeated("k", "session-exists").repeated("k", "no-node").away(0, 1_000);
  assert.deepEqual(check(history), []);
});
