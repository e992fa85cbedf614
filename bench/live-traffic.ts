/** A UDP echo from edge by one uplink to a target and back, ten times a second: what makes silence conspicuous. */
import { fileURLToPath } from "node:url";
import type { Lab } from "@ropewalk/lab/lab";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { servers, uplinkSubnets } from "@ropewalk/lab/topology";
import { stampLines } from "./stamped-lines.ts";

const port = 7007;
const everyMs = 100;
const startLimitMs = 10_000;
const program = fileURLToPath(new URL("./udp-echo-main.ts", import.meta.url));

/** `uplink` must be the one that edge's own routes take. */
export async function startTraffic(lab: Lab, uplink: string): Promise<AsyncDisposable> {
  const place = servers.find(({ role }) => role === "target");
  const target = place?.subnets.find(({ family }) => family === "ipv4")?.member;
  const source = uplinkSubnets(lab.uplink(uplink)).find(({ family }) => family === "ipv4")?.member;
  if (place === undefined || target === undefined || source === undefined)
    throw new Error("the lab has no IPv4 target");
  await using stack = new AsyncDisposableStack();
  stack.use(await start(lab.host(place.name), ["serve", String(port)]));
  stack.use(await start(lab.host("edge"), ["ask", source, target, String(port), String(everyMs)]));
  return stack.move();
}

async function start(host: LabHost, words: readonly string[]): Promise<AsyncDisposable> {
  const running = host.spawn(process.execPath, [program, ...words]);
  running.stderr.resume();
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), startLimitMs);
    stampLines(running.stdout, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  if (isReady) return running;
  await running[Symbol.asyncDispose]();
  throw new Error(`${words.join(" ")} in ${host.name} did not start within ${startLimitMs} ms`);
}
