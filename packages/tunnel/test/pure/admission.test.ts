/** Who is let in, who is shed, and whose turn it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NetworkPrefix, networkPrefixOf } from "@ropewalk/kernel/network-prefix";
import { millis, seconds } from "@ropewalk/kernel/units";
import { Admission, type AdmissionConfig, type AdmissionOutput } from "@ropewalk/tunnel/pure/admission";
import fc from "fast-check";

const generous: AdmissionConfig = {
  ...{ unheard: 100, begun: 100, atOnce: 4, within: seconds(10) },
  rate: { perSecond: 1000, burst: 1000, prefixes: 100 },
};
const at = (ms: number) => millis(ms);
const near = "192.0.2.0/24" as NetworkPrefix;
const far = "198.51.100.0/24" as NetworkPrefix;
const idsOf = (outputs: readonly AdmissionOutput[], kind: AdmissionOutput["kind"]) =>
  outputs.filter((output) => output.kind === kind).map(({ id }) => id);

test("when all places are taken, the network that holds most of them loses its oldest, and not the newcomer", () => {
  const admission = new Admission({ ...generous, unheard: 3 });
  admission.arrive(at(0), 1, far);
  admission.arrive(at(1), 2, near);
  admission.arrive(at(2), 3, near);
  assert.deepEqual(admission.arrive(at(3), 4, far), [{ kind: "shed", id: 1, reason: "shed" }]);
  assert.deepEqual(admission.arrive(at(4), 5, near), [{ kind: "shed", id: 2, reason: "shed" }]);
});

test("a network that begins too many handshakes at once is refused, and another is not", () => {
  const admission = new Admission({ ...generous, rate: { perSecond: 10, burst: 2, prefixes: 10 } });
  const speak = (ms: number, id: number, prefix: NetworkPrefix) => {
    admission.arrive(at(ms), id, prefix);
    return idsOf(admission.speak(at(ms), id), "shed");
  };
  assert.deepEqual([speak(0, 1, near), speak(0, 2, near), speak(0, 3, near)], [[], [], [3]]);
  assert.deepEqual(speak(0, 4, far), []);
  assert.deepEqual(speak(99, 5, near), [5]);
  assert.deepEqual(speak(200, 6, near), []);
});

test("no more are computed for at once than may be, and the next is of the network with the fewest", () => {
  const admission = new Admission({ ...generous, atOnce: 2 });
  for (const id of [1, 2, 3, 4]) admission.arrive(at(id), id, near);
  admission.arrive(at(5), 5, far);
  const started = [1, 2, 3, 4, 5].flatMap((id) => idsOf(admission.ready(id), "start"));
  assert.deepEqual(started, [1, 2]);
  assert.deepEqual(idsOf(admission.answered(1), "start"), [5]);
  assert.deepEqual(idsOf(admission.leave(2), "start"), [3]);
});

test("handshakes that are begun and lead nowhere give way, those of the greediest network first", () => {
  const admission = new Admission({ ...generous, begun: 2 });
  const begin = (id: number, prefix: NetworkPrefix) => {
    admission.arrive(at(id), id, prefix);
    return [...admission.ready(id), ...admission.answered(id)];
  };
  begin(1, far);
  begin(2, near);
  assert.deepEqual(idsOf(begin(3, near), "shed"), [2]);
  assert.deepEqual(admission.counts, { unheard: 0, begun: 2 });
});

test("whoever is not known in time is shed, wherever it stands", () => {
  const admission = new Admission(generous);
  admission.arrive(at(0), 1, near);
  admission.arrive(at(5), 2, near);
  admission.ready(2);
  assert.equal(admission.deadline(), 10_000);
  assert.deepEqual(admission.expire(at(9_999)), []);
  assert.deepEqual(admission.expire(at(10_000)), [{ kind: "shed", id: 1, reason: "deadline" }]);
  assert.deepEqual(admission.expire(at(10_005)), [{ kind: "shed", id: 2, reason: "deadline" }]);
  assert.equal(admission.deadline(), undefined);
});

test("whatever comes in whatever order, no bound is passed, and each connection is started and shed at most once", () => {
  const config = { ...generous, unheard: 4, begun: 3, atOnce: 2, rate: { perSecond: 5, burst: 3, prefixes: 2 } };
  const action = fc.record({
    verb: fc.constantFrom("arrive", "arrive", "speak", "ready", "answered", "leave", "expire"),
    id: fc.nat(12),
    prefix: fc.constantFrom(near, far, "203.0.113.0/24" as NetworkPrefix),
    wait: fc.nat(3000),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const admission = new Admission(config);
      const done = new Map<string, number>();
      let now = 0;
      let last = 100;
      for (const { verb, id: known, prefix, wait } of actions) {
        now += wait;
        last += 1;
        const id = verb === "arrive" ? last : last - known;
        const outputs = verb === "arrive" ? admission.arrive(at(now), id, prefix) : act(admission, verb, id, now);
        for (const { kind, id: concerned } of outputs)
          done.set(`${kind} ${concerned}`, (done.get(`${kind} ${concerned}`) ?? 0) + 1);
        const { unheard, begun } = admission.counts;
        assert(unheard <= config.unheard && begun <= config.begun, `${unheard} unheard, ${begun} begun`);
      }
      assert(
        [...done.values()].every((times) => times === 1),
        JSON.stringify([...done]),
      );
    }),
    { numRuns: 300 },
  );
});

function act(admission: Admission, verb: string, id: number, now: number): readonly AdmissionOutput[] {
  if (verb === "speak") return admission.speak(at(now), id);
  if (verb === "ready") return admission.ready(id);
  if (verb === "answered") return admission.answered(id);
  return verb === "leave" ? admission.leave(id) : admission.expire(at(now));
}

test("a network is an IPv4 /24 or an IPv6 /56, however the socket writes its address", () => {
  assert.equal(networkPrefixOf("192.0.2.77"), "192.0.2.0/24");
  assert.equal(networkPrefixOf("::ffff:192.0.2.77"), "192.0.2.0/24");
  assert.equal(networkPrefixOf("2001:db8:1:2ff::5"), "2001:db8:1:200::/56");
  assert.equal(networkPrefixOf("fe80::1%eth0"), "fe80::/56");
  assert.equal(networkPrefixOf(undefined), "unknown");
});
