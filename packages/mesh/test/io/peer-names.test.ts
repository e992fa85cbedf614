/** Names of peers, while the resolver answers and while it does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { PeerNames } from "@ropewalk/mesh/io/peer-names";

const never = new AbortController().signal;

/** A resolver whose answers this test gives, in order. */
function resolver() {
  const asked: PromiseWithResolvers<readonly string[]>[] = [];
  const ask = () => {
    const answer = Promise.withResolvers<readonly string[]>();
    asked.push(answer);
    return answer.promise;
  };
  return { asked, ask };
}

test("an address is asked nobody, with its zone or without", async () => {
  const names = new PeerNames(new FakeClock(), () => assert.fail("it was asked"));
  for (const host of ["192.0.2.1", "2001:db8::1", "fe80::1%eth0"])
    assert.deepEqual(await names.addressesOf(host, never), [host]);
});

test("a name is asked anew each time, and by all who want it at once only once", async () => {
  const { asked, ask } = resolver();
  const names = new PeerNames(new FakeClock(), ask);
  const both = [names.addressesOf("hub.example", never), names.addressesOf("hub.example", never)];
  asked[0]?.resolve(["192.0.2.1"]);
  assert.deepEqual(await Promise.all(both), [["192.0.2.1"], ["192.0.2.1"]]);
  const next = names.addressesOf("hub.example", never);
  asked[1]?.resolve(["192.0.2.2"]);
  assert.deepEqual(await next, ["192.0.2.2"]);
});

test("where the resolver is late or fails, what the name led to before is taken", async () => {
  const { asked, ask } = resolver();
  const clock = new FakeClock();
  const names = new PeerNames(clock, ask);
  const first = names.addressesOf("hub.example", never);
  asked[0]?.resolve(["192.0.2.1"]);
  await first;
  const late = names.addressesOf("hub.example", never);
  clock.advance(millis(250));
  assert.deepEqual(await late, ["192.0.2.1"]);
  const failed = names.addressesOf("hub.example", never);
  asked[1]?.reject(new Error("EAI_AGAIN"));
  assert.deepEqual(await failed, ["192.0.2.1"]);
  assert.deepEqual(clock.pendingTimers(), []);
});

test("a name that never led anywhere is waited for until the attempt is given up", async () => {
  const { asked, ask } = resolver();
  const names = new PeerNames(new FakeClock(), ask);
  const attempt = new AbortController();
  const given = names.addressesOf("hub.example", attempt.signal);
  attempt.abort(new Error("given up"));
  await assert.rejects(given, { message: "given up" });
  const next = names.addressesOf("hub.example", never);
  asked[0]?.reject(new Error("no such name"));
  await assert.rejects(next, { message: "no such name" });
});
