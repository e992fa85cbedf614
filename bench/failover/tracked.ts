/** What edge's kernel remembers of flows, read from its own list (/proc/net/nf_conntrack). */
import type { LabHost } from "@ropewalk/lab/lab-host";

/** By what begins the flow, ports included; the value is where its replies go: the address that the far end sees. */
export type TrackedFlows = ReadonlyMap<string, string>;

/** IPv4 flows to the ports. */
export async function trackedFlows(edge: LabHost, ports: readonly number[]): Promise<TrackedFlows> {
  const { stdout } = await edge.exec("cat", ["/proc/net/nf_conntrack"]);
  return parseTracked(stdout, ports);
}

/** `ipv4 2 tcp 6 86400 ESTABLISHED src=A dst=B sport=1 dport=2 src=B dst=C sport=2 dport=1 [ASSURED] mark=0 use=1` */
export function parseTracked(text: string, ports: readonly number[]): TrackedFlows {
  const flows = new Map<string, string>();
  for (const line of text.split("\n")) {
    const tuples = [...line.matchAll(/src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g)];
    const [original, reply] = tuples;
    if (original === undefined || reply === undefined || !ports.includes(Number(original[4]))) continue;
    flows.set(`${line.split(/\s+/)[2]} ${original[0]}`, reply[2] ?? "");
  }
  return flows;
}

export interface FlowChanges {
  /** Flows whose replies went to `dead`, and still do. */
  readonly deadLeft: number;
  /** Others that are not there any more. */
  readonly othersGone: number;
}

export function compareTracked(before: TrackedFlows, after: TrackedFlows, dead: string): FlowChanges {
  let deadLeft = 0;
  let othersGone = 0;
  for (const [flow, replies] of before) {
    if (replies === dead && after.get(flow) === dead) deadLeft += 1;
    if (replies !== dead && !after.has(flow)) othersGone += 1;
  }
  return { deadLeft, othersGone };
}
