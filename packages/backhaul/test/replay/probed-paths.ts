/** What comes of probes: each path has its weather, and by it a probe is answered, answered oddly, late, twice or never. */
import type { ProbeOutcome, ProbeRequest, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { pick, type Random } from "./random.ts";

type Weather = "good" | "slow" | "lossy" | "dead" | "portal" | "closed";

const weathers: readonly Weather[] = ["good", "good", "good", "slow", "lossy", "dead", "portal", "closed"];

interface Coming {
  readonly at: Millis;
  readonly outcome: ProbeOutcome;
}

export class ProbedPaths {
  readonly #random: Random;
  readonly #weather = new Map<string, Weather>();
  /** In order of their time. */
  readonly #coming: Coming[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** When the next outcome is there. */
  get nextAt(): Millis | undefined {
    return this.#coming[0]?.at;
  }

  next(): ProbeOutcome {
    const next = this.#coming.shift();
    if (next === undefined) throw new Error("nothing was asked");
    return next.outcome;
  }

  changeWeather(): void {
    const paths = [...this.#weather.keys()];
    if (paths.length > 0) this.#weather.set(pick(this.#random, paths), pick(this.#random, weathers));
  }

  ask(request: ProbeRequest, now: Millis): void {
    const path = `${request.path.uplinkId}/${request.path.family}`;
    const weather = this.#weather.get(path) ?? pick(this.#random, weathers);
    this.#weather.set(path, weather);
    const rtt = (weather === "slow" ? 600 : 8) + this.#random(10_000) / 997;
    const result = this.#resultOf(request, weather, millis(rtt));
    if (result === undefined) return;
    const limit = Number.isFinite(request.limit) ? request.limit : 2_000;
    const delay = result.kind === "silent" ? limit : result.kind === "unsent" ? 0 : rtt;
    const outcome = { id: request.id, result, traffic: { sent: 84, received: result.kind === "silent" ? 0 : 84 } };
    this.#add({ at: millis(now + delay), outcome });
    if (this.#random(200) === 0) this.#add({ at: millis(now + delay + this.#random(3_000)), outcome });
  }

  /** Undefined: nothing is ever heard of it. */
  #resultOf({ question }: ProbeRequest, weather: Weather, rtt: Millis): ProbeResult | undefined {
    const isLost = weather === "dead" || this.#random(weather === "lossy" ? 5 : 100) === 0;
    if (isLost) return question.kind === "echo" ? undefined : { kind: "silent" };
    if (weather === "closed" && this.#random(3) === 0) {
      return pick<ProbeResult>(this.#random, [
        { kind: "refused", detail: "ECONNREFUSED" },
        { kind: "unsent", cause: "unreachable", detail: "ENETUNREACH" },
        { kind: "unsent", cause: "no-privilege", detail: "EPERM" },
        { kind: "skipped", detail: "the name did not resolve" },
      ]);
    }
    switch (question.kind) {
      case "echo":
      case "tcp":
        return { kind: "answered", rtt };
      case "tls":
      case "http":
        return weather === "portal" ? { kind: "intercepted", detail: "portal.example" } : { kind: "answered", rtt };
      case "dns":
        return {
          kind: "resolved",
          rtt,
          rcode: 0,
          addresses: [ipAddress(weather === "portal" ? "192.0.2.9" : "8.8.8.8")],
        };
      case "mtu":
        return weather === "slow" ? { kind: "limited", size: bytes(1280) } : { kind: "answered", rtt };
    }
  }

  #add(coming: Coming): void {
    const index = this.#coming.findLastIndex(({ at }) => at <= coming.at);
    this.#coming.splice(index + 1, 0, coming);
  }
}
