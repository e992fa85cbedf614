/** Several addresses of one target: in their order, with patience for each, and nothing left of those that lose. */
import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import {
  type ConnectOutcome,
  connectFirst,
  DeadlinePassed,
  failureOf,
  nextAfter,
} from "@ropewalk/tunnel/io/connect-first";
import { FakeTcp, settled } from "./fake-tcp.ts";

const { errno } = constants;

function trying(addresses: readonly string[]) {
  const tcp = new FakeTcp();
  const clock = new FakeClock();
  const controller = new AbortController();
  let outcome: ConnectOutcome | undefined;
  void connectFirst({ tcp, clock }, addresses.map(ipAddress), 80, controller).then((told) => {
    outcome = told;
  });
  const tried = () => tcp.attempts.map(({ to }) => to.address);
  return { tcp, clock, controller, tried, outcome: () => outcome };
}

test("the first address that answers is it, and no other is tried", async () => {
  const { tcp, clock, tried, outcome } = trying(["10.0.0.1", "10.0.0.2"]);
  tcp.attempts[0]?.answer();
  await settled();
  clock.advance(millis(10_000));
  assert.deepEqual(tried(), ["10.0.0.1"]);
  assert.equal(outcome()?.kind, "connected");
  assert.deepEqual(clock.pendingTimers(), []);
});

test("an address that refuses is followed by the next at once, one that is silent after a while", async () => {
  const { tcp, clock, tried } = trying(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  clock.advance(millis(100));
  tcp.attempts[0]?.answer(errno.ECONNREFUSED);
  await settled();
  assert.deepEqual(tried(), ["10.0.0.1", "10.0.0.2"]);
  clock.advance(millis(nextAfter - 1));
  assert.equal(tried().length, 2);
  clock.advance(millis(1));
  assert.equal(tried().length, 3);
});

test("a silent address may still win; who comes after the winner is reset, and who has not come is given up", async () => {
  const { tcp, clock, outcome } = trying(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  clock.advance(millis(2 * nextAfter));
  const [first, second, third] = tcp.attempts;
  first?.answer();
  second?.answer();
  await settled();
  const told = outcome();
  assert(told?.kind === "connected");
  assert.equal(told.connection, first?.connection);
  assert.deepEqual([first?.connection.fate, second?.connection.fate], ["open", "reset"]);
  assert.equal(third?.signal.aborted, true);
});

test("when all have failed, what tells most is told, with what each has said", async () => {
  const { tcp, outcome } = trying(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  for (const [index, number] of [errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ETIMEDOUT].entries()) {
    tcp.attempts[index]?.answer(number);
    await settled();
  }
  const told = outcome();
  assert(told?.kind === "failed");
  assert.equal(told.reason, "refused");
  assert.match(told.detail, /10\.0\.0\.1; .*10\.0\.0\.2; .*10\.0\.0\.3/);
});

test("when time is up or the asker has gone, all attempts are given up and no timer is left", async () => {
  for (const [cause, reason] of [
    [new DeadlinePassed("no answer"), "timed-out"],
    [new Error("gone"), "aborted"],
  ] as const) {
    const { tcp, clock, controller, outcome } = trying(["10.0.0.1", "10.0.0.2"]);
    controller.abort(cause);
    await settled();
    const told = outcome();
    assert(told?.kind === "failed" && told.reason === reason);
    assert.equal(tcp.attempts[0]?.signal.aborted, true);
    assert.deepEqual(clock.pendingTimers(), []);
    tcp.attempts[0]?.answer();
    await settled();
    assert.equal(outcome(), told);
  }
});

test("nothing is tried for an asker who has gone already", async () => {
  const tcp = new FakeTcp();
  const gone = new AbortController();
  gone.abort();
  const outcome = await connectFirst({ tcp, clock: new FakeClock() }, [ipAddress("10.0.0.1")], 80, gone);
  assert.equal(outcome.kind === "failed" && outcome.reason, "aborted");
  assert.equal(tcp.attempts.length, 0);
});

test("the kernel's refusals have their names on the wire", () => {
  const reasons: readonly (readonly [name: keyof typeof errno, reason: string])[] = [
    ["ECONNREFUSED", "refused"],
    ["ECONNRESET", "refused"],
    ["ETIMEDOUT", "timed-out"],
    ["EHOSTUNREACH", "unreachable"],
    ["ENETUNREACH", "unreachable"],
    ["EACCES", "unreachable"],
    ["EADDRNOTAVAIL", "unreachable"],
    ["EMFILE", "broken"],
    ["ENOBUFS", "broken"],
  ];
  for (const [name, reason] of reasons) {
    assert.equal(failureOf(Object.assign(new Error(name), { errno: errno[name] })).reason, reason, name);
    assert.equal(failureOf(Object.assign(new Error(name), { errno: -errno[name] })).reason, reason, name);
  }
  assert.equal(failureOf(new Error("no path is usable")).reason, "broken");
});
