/** The same driver on a machine where much is going on: a thousand rules of somebody else, and ten thousand tracked flows. */
import type { Lab } from "@ropewalk/lab/lab";
import { openFlows, receiveStream } from "@ropewalk/lab/traffic";
import type { Driver, RunningDriver } from "./driver.ts";
import { sourceOf, target } from "./ways.ts";

export const crowd = { rules: 1_000, flows: 10_000 } as const;

/** A tenth more: those of an uplink that dies go with it. */
const openedFlows = crowd.flows * 1.1;
const firstPriority = 20_000;
const port = 7_500;
const memorySeconds = 7_200;

export function crowded(driver: Driver): Driver {
  return { ...driver, start: (lab) => startInCrowd(driver, lab) };
}

/** Flows come once their uplinks are used for what bears their addresses. */
async function startInCrowd(driver: Driver, lab: Lab): Promise<RunningDriver> {
  await using unwinding = new AsyncDisposableStack();
  await addRules(lab);
  const running = unwinding.use(await driver.start(lab));
  await running.settled();
  await addFlows(lab, unwinding);
  const owned = unwinding.move();
  return { ...running, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function addRules(lab: Lab): Promise<void> {
  const lines = Array.from({ length: crowd.rules }, (_, index) => {
    const source = `172.16.${Math.floor(index / 250)}.${index % 250}`;
    return `rule add priority ${firstPriority + index} from ${source} lookup main\n`;
  });
  await lab.host("edge").exec("ip", ["-batch", "-"], { input: lines.join("") });
}

async function addFlows(lab: Lab, stack: AsyncDisposableStack): Promise<void> {
  const edge = lab.host("edge");
  await edge.exec("sysctl", ["--quiet", `net.netfilter.nf_conntrack_udp_timeout=${memorySeconds}`]);
  stack.use(await receiveStream(lab.host(target.host), { port }));
  const count = Math.ceil(openedFlows / lab.uplinks.length);
  for (const { name } of lab.uplinks) {
    stack.use(await openFlows(edge, { to: target.address, port, count, from: sourceOf(lab, name) }));
  }
  const { stdout } = await edge.exec("cat", ["/proc/sys/net/netfilter/nf_conntrack_count"]);
  if (Number(stdout) < crowd.flows) throw new Error(`edge tracks ${stdout.trim()} flows, not ${crowd.flows}`);
}
