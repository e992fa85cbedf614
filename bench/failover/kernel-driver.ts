/**
 * Nobody at all: two default routes with metrics, and the kernel told not to use one whose link has no carrier. It cannot see
 * a blackhole.
 */
import { prepareStaticRouting } from "../peers/static-routing.ts";
import type { Driver } from "./driver.ts";
import { settlesAtHome } from "./home-watch.ts";

export const kernelDriver: Driver = {
  column: "kernel alone",
  notes: ["kernel alone: two default routes with metrics and ignore_routes_with_linkdown; no program."],
  moveLimitMs: 2_000,
  aftermathMs: 1_000,
  start: async (lab) => {
    await prepareStaticRouting(lab);
    await lab.host("edge").exec("sh", ["-c", "echo 1 >/proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown"]);
    return {
      settled: settlesAtHome(lab, { warmUpMs: 0, restMs: 500, returnLimitMs: 10_000 }),
      kill: async () => {},
      use: undefined,
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
