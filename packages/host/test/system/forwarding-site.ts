/**
 * The lab as a site whose edge forwards: a client and a target that talk when told, an edge with a table and a rule for each
 * uplink as the plan of routing has them, and our marks loaded by nft in edge.
 */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import { createFlowMarks, type FlowMarks } from "@ropewalk/host/linux/flow-marks";
import { type Family, ipAddress, isLinkLocal } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import type { LabHost } from "@ropewalk/lab/lab-host";

export const peerPort = 4_000;
/** What the lab gives them. */
export const target: Readonly<Record<Family, string>> = { ipv4: "203.0.113.10", ipv6: "2001:db8:80:1::10" };
export const client: Readonly<Record<Family, string>> = { ipv4: "198.19.0.2", ipv6: "2001:db8:1a::2" };
export const wan = [
  { name: "wan0", ipv4: "198.18.0.2", ipv6: "2001:db8:a0::2" },
  { name: "wan1", ipv4: "198.18.8.2", ipv6: "2001:db8:a1::2" },
] as const;
const gateways: readonly Readonly<Record<Family, string>>[] = [
  { ipv4: "198.18.0.1", ipv6: "2001:db8:a0::1" },
  { ipv4: "198.18.8.1", ipv6: "2001:db8:a1::1" },
];

/** Says a line and gives the answer. */
type Peer = (line: string) => Promise<string>;

export interface ForwardingSite extends AsyncDisposable {
  readonly lab: Lab;
  readonly edge: LabHost;
  readonly client: Peer;
  readonly target: Peer;
  readonly marks: FlowMarks;
  readonly uplinks: readonly MarkedUplink[];
  /** New flows go by that uplink from now on. */
  preferOrdinary(index: number): Promise<void>;
  nft(script: string): Promise<void>;
  /** Deletes what the kernel knows of the flows of a dead uplink, as the daemon would; tells how many. */
  forgetFlowsOf(index: number): Promise<number>;
  /** What edge's kernel tracks, a line a flow. */
  tracked(): Promise<readonly string[]>;
  /** Packets with a source that is not the uplink's own, as the ISPs saw them. */
  strangers(): Promise<number>;
  /** How many packets edge sent by each uplink. */
  sent(): Promise<readonly number[]>;
}

export async function createForwardingSite(): Promise<ForwardingSite> {
  await using unwinding = new AsyncDisposableStack();
  const lab = unwinding.use(await createLab({ uplinks: 2, ifindexes: "unequal" }));
  const edge = lab.host("edge");
  const ip = (lines: readonly string[], family: Family) =>
    edge.exec("ip", [family === "ipv4" ? "-4" : "-6", "-batch", "-"], { input: lines.join("\n") });
  const preferOrdinary = async (index: number) => {
    const route = (family: Family) => `route replace default via ${gateways[index]?.[family]} table 200`;
    await Promise.all([ip([route("ipv4")], "ipv4"), ip([route("ipv6")], "ipv6")]);
  };
  const nft = async (script: string) => void (await edge.exec("nft", ["-f", "-"], { input: script }));
  for (const family of ["ipv4", "ipv6"] as const) {
    const tables = gateways.flatMap((gateway, index) => [
      `route add default via ${gateway[family]} table ${101 + index}`,
      `rule add fwmark ${uplinkMark(index + 1)}/0xff00 lookup ${101 + index} pref 1000`,
    ]);
    await ip(
      [...tables, "rule add lookup main suppress_prefixlength 0 pref 32763", "rule add lookup 200 pref 32765"],
      family,
    );
  }
  const marks = unwinding.use(marksIn(edge));
  const peers = { client: startPeer(lab.host("client")), target: startPeer(lab.host("target-1")) };
  for (const peer of Object.values(peers)) assert.equal(await peer(`serve ${peerPort}`), "serving");
  await preferOrdinary(0);
  const counters = () => Promise.all(wan.map(({ name }) => lab.counters(name)));
  const owned = unwinding.move();
  return {
    ...{ lab, edge, ...peers, marks, preferOrdinary, nft },
    uplinks: wan.map((of, index) => ({
      interfaceName: of.name,
      mark: uplinkMark(index + 1),
      addresses: [ipAddress(of.ipv4), ipAddress(of.ipv6)],
    })),
    forgetFlowsOf: async (index) => Number((await edge.exec(process.execPath, forgetFlows(index))).stdout),
    tracked: async () => (await edge.exec("cat", ["/proc/net/nf_conntrack"])).stdout.split("\n"),
    strangers: async () => (await counters()).reduce((sum, { foreign }) => sum + packetsOf(foreign), 0),
    // The kernel itself now and then reports its multicast groups, from a link-local address.
    sent: async () =>
      (await counters()).map(({ sent }) => packetsOf(sent.filter(({ address }) => !isLinkLocal(address)))),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function packetsOf(counted: readonly { readonly packets: number }[]): number {
  return counted.reduce((sum, { packets }) => sum + packets, 0);
}

function forgetFlows(index: number): readonly string[] {
  const { ipv4 = "", ipv6 = "" } = wan[index] ?? {};
  const main = fileURLToPath(new URL("./forget-flows-main.ts", import.meta.url));
  return [...process.execArgv, main, String(uplinkMark(index + 1)), ipv4, ipv6];
}

/** Loads and removes each time: what stands in edge is neither asked nor watched. */
function marksIn(edge: LabHost): FlowMarks {
  return createFlowMarks({
    run: async (input) => {
      const { status, stderr } = await edge.tryExec("nft", ["-f", "-"], { input });
      return status === 0 ? { kind: "done" } : { kind: "refused", detail: stderr };
    },
    isThere: ({ kind }) => kind === "table",
    watch: () => ({ catchUp: () => {}, [Symbol.dispose]: () => {} }),
    clock: createSystemClock(),
  });
}

/** Lines are answered in their order. */
function startPeer(host: LabHost): Peer {
  const main = fileURLToPath(new URL("./flow-peer-main.ts", import.meta.url));
  const program = host.spawn(process.execPath, [...process.execArgv, main]);
  const answers = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  program.stderr.pipe(process.stderr);
  return async (line) => {
    program.stdin.write(`${line}\n`);
    const { value } = await answers.next();
    return String(value);
  };
}
