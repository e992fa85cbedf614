/**
 * Whether packets as large as this machine sends them pass the path. One that a router cannot forward makes it say so, the
 * kernel keeps that in mind, and nothing is wrong: only what vanishes without a word is a limit.
 */
import type { PathEchoSocket } from "@ropewalk/host/ports";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeQuestion, ProbeResult } from "../../pure/health/probe.ts";
import { noTraffic } from "../../pure/probing/packet-octets.ts";
import { sizesBetween } from "../../pure/probing/sizes-between.ts";
import type { ProbeFinding, ProbeGround } from "./probe-ground.ts";
import { unsentAsThrown } from "./sending-faults.ts";
import { SizedEchoes } from "./sized-echoes.ts";

type MtuQuestion = Extract<ProbeQuestion, { kind: "mtu" }>;
export type ProbeMtu = (question: MtuQuestion, ground: ProbeGround) => Promise<ProbeFinding>;

/**
 * Every host takes packets of this size (RFC 791 §3.1 "Total Length"). An IPv6 link must take 1,280 octets (RFC 8200 §5), and a
 * broken one takes less: then that is what there is to tell.
 */
const smallest = 576;
const firstWait = seconds(1);
/** A search has ended after half of these; packets that are lost by chance take the others. */
const roundsAtMost = 24;
const rememberedPaths = 1024;

/** Remembers what last passed on each path, so that the next search begins there. */
export function createMtuProbe(): ProbeMtu {
  const remembered = new Map<string, number>();
  return async (question, ground) => {
    let socket: PathEchoSocket;
    try {
      socket = await ground.sockets.echo(ground.binding, { dontFragment: true });
    } catch (error) {
      return { result: unsentAsThrown(error), traffic: noTraffic };
    }
    await using _open = socket;
    using echoes = new SizedEchoes(socket, question.target, ground);
    const key = `${ground.binding.name} ${ground.binding.source} ${question.target}`;
    const result = await measure(question, echoes, { ground, before: remembered.get(key) });
    if (remembered.size >= rememberedPaths) remembered.clear();
    if (echoes.passes > 0) remembered.set(key, echoes.passes);
    return { result, traffic: echoes.traffic };
  };
}

interface SearchGround {
  readonly ground: ProbeGround;
  /** What passed when it was last searched. */
  readonly before: number | undefined;
}

async function measure({ size }: MtuQuestion, echoes: SizedEchoes, search: SearchGround): Promise<ProbeResult> {
  const { limit, signal } = search.ground;
  const small = Math.min(size, smallest);
  const wait = millis(Math.min(limit / 8, firstWait));
  await echoes.round([size], wait);
  if (echoes.traffic.sent === 0 && echoes.failure !== undefined) return echoes.failure;
  // A single loss is nobody's limit.
  for (let count = 0; count < 2 && echoes.passes < size && !signal.aborted && !isRefused(echoes); count += 1) {
    if (echoes.passes === 0) await echoes.anything([size, small], wait);
    if (echoes.passes > 0) await echoes.round([size], patience(echoes, wait));
  }
  await echoes.anything([], limit);
  if (echoes.passes >= size) return answered(echoes);
  if (echoes.passes === 0) return { kind: "silent" };
  await narrow(echoes, size, search);
  const isTold = echoes.passes + 1 >= echoes.refused;
  return echoes.passes >= size || isTold ? answered(echoes) : { kind: "limited", size: bytes(echoes.passes) };
}

/** The kernel knows of a smaller MTU, and something passes. */
function isRefused({ refused, passes }: SizedEchoes): boolean {
  return Number.isFinite(refused) && passes > 0;
}

/** How long an answer may take, now that one has come. */
function patience({ rtt }: SizedEchoes, most: Millis): Millis {
  return millis(Math.min(most, 3 * (rtt ?? most) + 50));
}

/** Looks for the largest size that passes, until the next one is refused by the kernel or known to be lost. */
async function narrow(echoes: SizedEchoes, size: number, { ground, before }: SearchGround): Promise<void> {
  const lost = new Set<number>([size]);
  const wait = patience(echoes, millis(ground.limit / 8));
  const fails = () => Math.min(size, echoes.refused, ...[...lost].filter((each) => each > echoes.passes));
  let next = before === undefined ? [] : [before, before + 1].filter((each) => each > echoes.passes && each < size);
  for (let rounds = 0; rounds < roundsAtMost && !ground.signal.aborted && echoes.passes < size; rounds += 1) {
    const isFound = fails() - echoes.passes <= 1;
    // Found by losses, it is asked once more: chance loses packets too.
    const sizes = isFound ? [fails()] : next.length > 0 ? next : sizesBetween(echoes.passes, fails());
    next = [];
    await ask(echoes, sizes, wait);
    for (const each of sizes) if (each > echoes.passes && each < echoes.refused) lost.add(each);
    if (isFound && fails() - echoes.passes <= 1) return;
  }
}

/** Twice what does not come back at first. */
async function ask(echoes: SizedEchoes, sizes: readonly number[], wait: Millis): Promise<void> {
  await echoes.round(sizes, wait);
  const missing = sizes.filter((size) => size > echoes.passes && size < echoes.refused);
  if (missing.length > 0) await echoes.round(missing, wait);
}

function answered({ rtt }: SizedEchoes): ProbeResult {
  return { kind: "answered", rtt: rtt ?? millis(0) };
}
