import assert from "node:assert/strict";
import { test } from "node:test";
import { outcome } from "@ropewalk/backhaul/pure/health/monitor";
import type { ProbeQuestion, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { bytes, millis } from "@ropewalk/kernel/units";
import { dead, good, healthConfig, ip, type Line, Rig, rightAnswer } from "./rig.ts";

/** Everything is well but what `wrong` answers. */
function except(
  wrong: (question: ProbeQuestion) => { after: number; result: ProbeResult } | "lost" | undefined,
  rtt = 10,
): Line {
  return (question) => {
    const answer = wrong(question);
    return answer === "lost" ? dead(question, 0) : (answer ?? { after: rtt, result: rightAnswer(question, rtt) });
  };
}

const isFor = (question: ProbeQuestion, address: string) => "target" in question && question.target === ip(address);
const gateway = "198.18.0.1";
const cycle = 30_000;

test("a good network is up after its first round of checks, within a second", () => {
  const rig = new Rig().run(1_000);
  assert.deepEqual([rig.verdict.state, rig.code], ["up", "healthy"]);
  assert.ok((rig.verdict.figures.score?.total ?? 0) > 900);
});

for (const profile of ["fast", "normal"] as const) {
  test(`in ${profile} a path that falls silent is down within its bound, and not before three intervals`, () => {
    const interval = profile === "fast" ? 50 : 1_000;
    const rig = new Rig(profile).run(20_000);
    rig.line = dead;
    const took = rig.runUntil(({ verdict }) => verdict.state === "down", 60_000);
    assert.ok(took >= 2.5 * interval && took <= 3 * interval + 20, `${took} ms`);
    assert.equal(rig.code, "silent");
  });
}

test("a path whose gateway answers is down beyond the gateway", () => {
  const rig = new Rig().run(20_000);
  rig.line = (question, at) => (isFor(question, gateway) ? good(1)(question, at) : dead(question, at));
  rig.run(10_000);
  assert.deepEqual([rig.verdict.state, rig.code], ["down", "beyond-gateway"]);
});

test("a path that returns is probing until it has answered for return_after, then up", () => {
  const rig = new Rig().run(20_000);
  rig.line = dead;
  rig.run(10_000);
  rig.line = good();
  rig.run(3_000);
  assert.deepEqual([rig.verdict.state, rig.code], ["probing", "returning"]);
  rig.run(9_000);
  assert.equal(rig.verdict.state, "up");
});

const pathologies: readonly (readonly [name: string, line: Line, state: string, code: string])[] = [
  ["ICMP is blocked", except((q) => (q.kind === "echo" || q.kind === "mtu" ? "lost" : undefined)), "up", "healthy"],
  [
    "only ICMP passes",
    except((q) => (q.kind === "echo" || q.kind === "mtu" ? undefined : "lost")),
    "degraded",
    "tcp-blocked",
  ],
  [
    "UDP is blocked",
    except((q) => (q.kind === "dns" && q.transport === "udp" ? "lost" : undefined)),
    "degraded",
    "dns-blocked",
  ],
  [
    "packets above 1200 bytes vanish",
    except((q) => (q.kind === "mtu" ? { after: 900, result: { kind: "limited", size: bytes(1_200) } } : undefined)),
    "degraded",
    "mtu",
  ],
  [
    "a portal redirects, and swallows the rest",
    (q, at) => {
      if (q.kind === "http") return { after: 20, result: { kind: "intercepted", detail: "302 to http://portal/" } };
      return q.kind === "dns" || isFor(q, gateway) ? good()(q, at) : dead(q, at);
    },
    "portal",
    "http-intercepted",
  ],
  [
    "somebody accepts every connection, with a certificate of his own",
    (q, at) => {
      if (q.kind === "tls") return { after: 20, result: { kind: "intercepted", detail: "CN=portal" } };
      return q.kind === "tcp" || isFor(q, gateway) ? good()(q, at) : dead(q, at);
    },
    "portal",
    "tls-name-mismatch",
  ],
  [
    "every name has one address",
    except((q) => {
      if (q.kind === "http") return "lost";
      const lie = { kind: "resolved", rtt: millis(5), rcode: 0, addresses: [ip("10.0.0.1")] } as const;
      return q.kind === "dns" ? { after: 5, result: lie } : undefined;
    }),
    "portal",
    "dns-rewritten",
  ],
  [
    "one name is forbidden",
    except((q) => {
      const answer = { kind: "resolved", rtt: millis(5), rcode: 0, addresses: [ip("0.0.0.0")] } as const;
      return q.kind === "dns" ? { after: 5, result: answer } : undefined;
    }),
    "up",
    "healthy",
  ],
  ["a queue is full: two seconds", good(2_000), "degraded", "latency"],
  [
    "the resolver takes three seconds",
    except((q) => (q.kind === "dns" ? { after: 3_000, result: rightAnswer(q, 3_000) } : undefined)),
    "degraded",
    "dns-slow",
  ],
];

for (const [name, line, state, code] of pathologies) {
  test(`when ${name} a path that was up is ${state}, "${code}", within two cycles`, () => {
    const rig = new Rig().run(20_000);
    rig.line = line;
    const took = rig.runUntil(({ verdict }) => verdict.state === state && verdict.reason.code === code, 2 * cycle);
    assert.ok(took < 2 * cycle, `after two cycles it is ${rig.verdict.state}, ${rig.code}`);
    rig.run(2 * cycle);
    assert.deepEqual([rig.verdict.state, rig.code], [state, code], "and stays so");
  });
}

for (const rtt of [10, 50, 300, 600]) {
  test(`our own stops of up to five seconds are nobody's loss and no silence, ${rtt} ms away`, () => {
    for (const profile of ["fast", "normal", "eco"] as const) {
      const rig = new Rig(profile);
      rig.line = good(rtt);
      rig.run(20_000);
      const { length } = rig.states;
      for (const duration of [60, 200, 500, 1_000, 2_000, 5_000, 300]) rig.stop(duration).run(3_000);
      assert.deepEqual([rig.states.slice(length), rig.verdict.figures.loss], [[], 0], profile);
    }
  });
}

test("after a stop of ours a path that died meanwhile is found dead a round trip later than else", () => {
  const rig = new Rig("fast");
  rig.line = good(300);
  rig.run(20_000);
  rig.line = dead;
  rig.stop(2_000);
  assert.ok(rig.runUntil(({ verdict }) => verdict.state === "down", 5_000) < 150 + 300 + 60);
});

test("on a machine that is always a little late, a path that dies is found dead all the same", () => {
  const rig = new Rig("fast");
  rig.line = good(300);
  rig.run(20_000);
  rig.line = dead;
  const start = rig.now;
  while (rig.verdict.state !== "down" && rig.now - start < 5_000) rig.stop(40).run(1);
  assert.ok(rig.now - start < 1_200, `${rig.now - start} ms`);
});

test("renumbering keeps the state while the new network is measured", () => {
  const rig = new Rig().run(20_000);
  const { path } = rig.health;
  rig.follow({ ...rig.health, path: { ...path, source: ip("198.18.4.2"), gateway: ip("198.18.4.1") } });
  rig.run(40_000);
  assert.deepEqual(
    rig.states.map(({ state }) => state),
    ["probing", "up"],
  );
});

test("an uplink on which nothing can be sent, since the network is unreachable, is down, and is asked no faster for it", () => {
  const rig = new Rig().run(20_000);
  rig.line = () => ({ after: 0, result: { kind: "unsent", cause: "unreachable", detail: "ENETUNREACH" } });
  rig.run(10_000);
  assert.equal(rig.verdict.state, "down");
  const before = rig.asked.length;
  rig.run(60_000);
  assert.ok(rig.asked.length - before < 2 * 60 + 60, `${rig.asked.length - before} probes in a minute`);
});

test("where this process may open no socket the path is unknown for want of privilege, and not down", () => {
  const rig = new Rig();
  rig.line = () => ({ after: 0, result: { kind: "unsent", cause: "no-privilege", detail: "EPERM" } });
  rig.run(60_000);
  assert.deepEqual([rig.verdict.state, rig.code], ["unknown", "no-privilege"]);
});

test("of three targets that must answer two, one may be gone, and two may not", () => {
  const config = healthConfig({ probe: { require: 2 } });
  const rig = new Rig("normal", config).run(20_000);
  const gone =
    (...addresses: readonly string[]): Line =>
    (q, at) =>
      addresses.some((address) => isFor(q, address)) ? dead(q, at) : good()(q, at);
  rig.line = gone("1.1.1.1");
  rig.run(120_000);
  assert.equal(rig.verdict.state, "up", "the third stands in");
  rig.line = gone("1.1.1.1", "8.8.8.8");
  rig.run(120_000);
  assert.equal(rig.verdict.state, "down");
});

test("a target that is gone is replaced by the next of the list, and the uplink loses nothing", () => {
  const rig = new Rig().run(20_000);
  rig.line = (q, at) => (isFor(q, "1.1.1.1") ? dead(q, at) : good()(q, at));
  rig.run(120_000);
  assert.deepEqual([rig.verdict.state, rig.verdict.figures.loss], ["up", 0]);
  assert.ok(rig.health.pulses.targets.some(({ target }) => target.name === "quad9"));
});

test("a thousand targets cost no more than two", () => {
  const target = Array.from({ length: 1_000 }, (_, index) => {
    return { name: `t${index}`, address: `10.0.${index >> 8}.${index & 255}` };
  });
  const many = new Rig("normal", healthConfig({ probe: { target } })).run(60_000).asked.length;
  const few = new Rig("normal", healthConfig({ probe: { target: target.slice(0, 2) } })).run(60_000).asked.length;
  assert.ok(many <= few + 4, `${many} and ${few} probes in a minute`);
});

test("one way of loss at 36 % is degraded for loss within two cycles, and never down, in ten minutes of it", () => {
  for (const profile of ["fast", "normal"] as const) {
    const rig = new Rig(profile).run(20_000);
    let seed = 7;
    const chance = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    rig.line = (q) => (q.kind === "echo" && chance() < 0.36 ? undefined : { after: 20, result: rightAnswer(q, 20) });
    rig.run(2 * cycle);
    assert.deepEqual([rig.verdict.state, rig.code], ["degraded", "loss"], profile);
    rig.run(600_000);
    assert.deepEqual(
      rig.states.map(({ state }) => state),
      ["probing", "up", "degraded"],
      profile,
    );
  }
});

test("answers to nobody, and to what was answered, are nothing", () => {
  const rig = new Rig().run(5_000);
  const config = healthConfig();
  const before = rig.state;
  for (const id of [0, 1, 256, -1, 2 ** 53, before.asked * 512 + 3]) {
    const probed = { id, result: { kind: "answered", rtt: millis(1) }, traffic: { sent: 0, received: 0 } } as const;
    const { health, effects } = outcome(before, probed, millis(rig.now), config);
    assert.deepEqual([effects, health.verdicts === before.verdicts], [[], true]);
  }
});
