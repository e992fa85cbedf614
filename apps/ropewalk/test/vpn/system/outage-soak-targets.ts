/** Entry and its database are gone for as long as a lease lasts, and the exit's program dies meanwhile: what goes through tunnels until leases end. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createLab } from "@ropewalk/lab/lab";
import { Patience } from "@ropewalk/lab/patience";
import { receiveStream, type SentStream, sendStream } from "@ropewalk/lab/traffic";
import { places, removeVpnFolder, VpnStage } from "@ropewalk/lab/vpn-stage";
import { addressOf } from "@ropewalk/lab/ways";
import { usualTerms } from "../../../../../packages/entry/src/pure/lease-terms.ts";

const launcher = fileURLToPath(new URL("../../../../../bin/ropewalk.mjs", import.meta.url));
const port = 7_007;
const perSecond = 50;
/** How late a lease may end. */
const mostLate = 5_000;
/** What is under way when the lease ends may be lost, and that it ends is seen for so long. */
const [lastMoment, behind] = [1_000, 15_000];

interface Seen {
  readonly stream: SentStream;
  /** Nanoseconds of the monotonic clock: when the session's start was answered. */
  readonly leasedAt: bigint;
  /** From the exit's new start to its answer. */
  readonly exitAgainAfterMs: number;
}

export const soakTargets = [
  {
    name: "vpn outage: entry is gone for as long as a lease lasts",
    ...{ inputs: usualTerms.lease / 60_000, unit: "minutes" },
    async run(inputs: number, _: number, report: (line: string) => void): Promise<readonly string[]> {
      const isWhole = inputs * 60_000 >= usualTerms.lease;
      const { stream, leasedAt, exitAgainAfterMs } = await outage(
        isWhole ? millis(usualTerms.lease + behind) : millis(inputs * 60_000),
      );
      report(
        `${stream.numbers} sent, ${stream.replies.length} came back; the exit answered ${exitAgainAfterMs} ms later`,
      );
      if (Object.keys(stream.errors).length > 0) return [`sending failed: ${JSON.stringify(stream.errors)}`];
      return faultsOf(stream, isWhole ? leasedAt + BigInt(usualTerms.lease) * 1_000_000n : undefined, report);
    },
  },
];

async function outage(lasts: Millis): Promise<Seen> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-lab-"));
  stack.defer(() => removeVpnFolder(folder));
  const lab = stack.use(await createLab({ uplinks: 1 }));
  const stage = stack.use(await VpnStage.set(lab, { launcher, folder }));
  const patience = new Patience(new AbortController().signal, seconds(60));
  await stage.startEntry(patience);
  await stage.startExit(patience);
  stack.use(await receiveStream(lab.host(places.page), { port, isEcho: true }));
  await stage.startSession(await stage.newCustomer(await stage.adminKey()));
  const leasedAt = process.hrtime.bigint();
  const to = ipAddress(addressOf(places.page));
  const plan = { to, port, rate: perSecond, wantsReplies: true };
  const sender = stack.use(await sendStream(lab.host(places.customer), plan));
  await stage.entry.kill();
  await patience.rest(millis(lasts / 2));
  await stage.exit.kill();
  const started = performance.now();
  await stage.exit.start();
  await stage.exit.answers("status");
  const exitAgainAfterMs = Math.round(performance.now() - started);
  await patience.rest(millis(lasts - Number(process.hrtime.bigint() - leasedAt) / 1e6));
  return { stream: await sender.stop(), leasedAt, exitAgainAfterMs };
}

/** `endsAt`: of the lease, if that was waited for. */
function faultsOf(
  { numbers, replies }: Pick<SentStream, "numbers" | "replies">,
  endsAt: bigint | undefined,
  report: (line: string) => void,
): readonly string[] {
  const last = replies.at(-1);
  if (last === undefined) return ["nothing came back"];
  const reach = endsAt === undefined ? numbers - perSecond : last.number - (perSecond * lastMoment) / 1_000;
  const came = new Set(replies.map(({ number }) => number));
  const lost = Array.from({ length: reach }, (_, number) => number).filter((number) => !came.has(number)).length;
  const faults = lost > 0 ? [`${lost} of ${reach} were lost`] : [];
  if (endsAt === undefined) return faults;
  const late = Math.round(Number(last.arrivedAt - endsAt) / 1e6);
  report(`the lease ended ${late} ms late`);
  return late > mostLate || late < -lastMoment ? [...faults, `the lease ended ${late} ms late`] : faults;
}
