/** What holds of every link, whatever its profile and whatever is sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, bytes, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkProfile } from "@ropewalk/simnet/link-profile";
import fc from "fast-check";
import { createLinkRig, type LinkRig, play } from "./link-rig.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const script = fc.array(
  fc.record({ gap: fc.oneof(fc.constant(0), fc.nat({ max: 30 })), size: fc.integer({ min: 20, max: 1500 }) }),
  {
    minLength: 1,
    maxLength: 80,
  },
);
const share = fc.double({ min: 0, max: 0.5, noNaN: true });
const loss: fc.Arbitrary<NonNullable<LinkProfile["loss"]>> = fc.oneof(
  fc.record({ kind: fc.constant("random" as const), share }),
  fc.record({ kind: fc.constant("bursts" as const), toBad: share, toGood: share, lossInGood: share, lossInBad: share }),
);
const jitter = (order: "kept" | "mixed") =>
  fc.record({
    mean: fc.nat({ max: 40 }).map(millis),
    shape: fc.constantFrom("uniform" as const, "exponential" as const),
    order: fc.constant(order),
  });
const traffic = fc.option(
  fc.record({
    factor: fc.double({ min: 0, max: 4, noNaN: true }),
    whenFull: fc.constantFrom("backs-off" as const, "keeps-on" as const),
  }),
);

function profiles(order: "kept" | "mixed"): fc.Arbitrary<LinkProfile> {
  return fc.record(
    {
      delay: fc.nat({ max: 300 }).map(millis),
      jitter: jitter(order),
      rate: fc.constantFrom(64_000, 512_000, 4_000_000, 100_000_000).map(bitsPerSecond),
      queue: fc.oneof(
        fc.record({ kind: fc.constant("time" as const), limit: fc.integer({ min: 1, max: 2_000 }).map(millis) }),
        fc.record({ kind: fc.constant("bytes" as const), limit: fc.integer({ min: 1_500, max: 200_000 }).map(bytes) }),
      ),
      loss,
    },
    { requiredKeys: ["delay"] },
  );
}

function played(profile: LinkProfile, seed: number, sends: Parameters<typeof play>[1], load: unknown): LinkRig {
  const rig = createLinkRig(profile, seed);
  if (load !== null) rig.link.load(load as never);
  rig.net.run(seconds(5)); // a queue that fills is full by now
  play(rig, sends);
  return rig;
}

test("the same seed gives the same trace, event by event", () => {
  fc.assert(
    fc.property(profiles("mixed"), seeds, script, traffic, (profile, seed, sends, load) => {
      assert.deepEqual(played(profile, seed, sends, load).lines, played(profile, seed, sends, load).lines);
    }),
  );
});

test("what was sent was delivered, dropped or is still on its way, at every moment", () => {
  fc.assert(
    fc.property(
      profiles("mixed"),
      seeds,
      script,
      traffic,
      fc.nat({ max: 500 }),
      (profile, seed, sends, load, cutAt) => {
        const rig = createLinkRig(profile, seed);
        if (load !== null) rig.link.load(load);
        rig.net.time.after(millis(cutAt), () => rig.link.cut());
        rig.net.time.after(millis(cutAt + 100), () => rig.link.heal());
        for (const { gap, size } of sends) {
          rig.net.run(millis(gap));
          rig.send(bytes(size));
          const { sent, delivered, inFlight, dropped } = rig.link.counts;
          assert.equal(sent, delivered + inFlight + dropped.loss + dropped.queue + dropped.cut + dropped.size);
          assert.equal(sent, rig.of("sent").length);
          assert.equal(delivered, rig.of("delivered").length);
        }
        rig.net.run(millis(600_000));
        assert.equal(rig.link.counts.inFlight, 0);
      },
    ),
  );
});

test("the rate is never exceeded, by any stretch of deliveries, with constant delay", () => {
  const withRate = profiles("kept").filter(({ rate, jitter: spread }) => rate !== undefined && spread === undefined);
  fc.assert(
    fc.property(withRate, seeds, script, traffic, ({ rate, ...profile }, seed, sends, load) => {
      const rig = played({ ...profile, ...(rate && { rate }) }, seed, sends, load);
      const arrived = rig.of("delivered");
      for (const [index, first] of arrived.entries()) {
        let octets = 0;
        for (const next of arrived.slice(index + 1)) {
          octets += next.size;
          const least = (octets * 8_000) / (rate ?? 1);
          assert.ok(next.at - first.at >= least - 1e-6, `${octets} octets in ${next.at - first.at} ms`);
        }
      }
    }),
  );
});

test("packets arrive in the order they were sent unless jitter may mix them", () => {
  fc.assert(
    fc.property(profiles("kept"), seeds, script, traffic, (profile, seed, sends, load) => {
      const order = played(profile, seed, sends, load)
        .of("delivered")
        .map((line) => line.packet);
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("a packet takes at least delay and its own time at the rate, and at most those, the full queue and uniform jitter", () => {
  fc.assert(
    fc.property(profiles("kept"), seeds, script, traffic, (profile, seed, sends, load) => {
      const { delay, rate, queue, jitter: spread } = profile;
      if (spread?.shape === "exponential") return;
      const rig = played(profile, seed, sends, load);
      const sentAt = new Map(rig.of("sent").map((line) => [line.packet, line.at]));
      const perOctet = rate === undefined ? 0 : 8_000 / rate;
      const wait =
        rate === undefined
          ? 0
          : queue === undefined
            ? 100
            : queue.kind === "time"
              ? queue.limit
              : queue.limit * perOctet;
      for (const { packet, at, size } of rig.of("delivered")) {
        const took = at - (sentAt.get(packet) ?? 0);
        assert.ok(took >= delay + size * perOctet - 1e-6, `${took} ms`);
        assert.ok(took <= delay + wait + size * perOctet + 2 * (spread?.mean ?? 0) + 1e-6, `${took} ms`);
      }
    }),
  );
});
