/**
 * The VPN's story: a customer gets a session and a page by the exit's address; entry dies and comes back, the exit's program dies and comes back, and
 * the page goes on; the session is ended, and the page with it. Every figure is measured while it runs; nothing is left.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { DemoOptions } from "../demo/demo.ts";
import { Patience } from "../demo/patience.ts";
import type { Pace } from "../demo/pure/script.ts";
import { addressOf } from "../demo/ways.ts";
import { createLab } from "../lab.ts";
import {
  endLine,
  openingLines,
  pagesLine,
  sessionLines,
  summaryLines,
  type VpnReport,
  wrongIn,
} from "./pure/vpn-report.ts";
import { places, removeVpnFolder, VpnStage } from "./vpn-stage.ts";

/** For each thing that must come about. */
const limit = seconds(60);

interface Story {
  readonly stage: VpnStage;
  readonly patience: Patience;
  readonly look: Millis;
  readonly say: (line: string) => void;
}

/** Rejects with the signal's reason once it is aborted; throws LabError. */
export async function runVpnDemo({ pace, launcher, say }: DemoOptions, signal: AbortSignal): Promise<VpnReport> {
  const began = performance.now();
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-lab-"));
  stack.defer(() => removeVpnFolder(folder));
  const lab = stack.use(await createLab({ uplinks: 1 }));
  for (const line of openingLines) say(line);
  const stage = stack.use(await VpnStage.set(lab, { launcher, folder }));
  const found = await tell({ stage, patience: new Patience(signal, limit), look: lookOf(pace), say });
  const wrong = wrongIn(found, addressOf(places.exit));
  const tookSeconds = Math.round((performance.now() - began) / 1_000);
  const report: VpnReport = { kind: "vpn", ok: wrong.length === 0, ...found, wrong, tookSeconds };
  say("");
  for (const line of summaryLines(report)) say(line);
  return report;
}

function lookOf(pace: Pace): Millis {
  return pace === "quick" ? seconds(2) : seconds(10);
}

async function tell(story: Story): Promise<Omit<VpnReport, "kind" | "ok" | "wrong" | "tookSeconds">> {
  const { stage, patience, say } = story;
  say("\n1. entry is started, and an exit");
  const entryReadyAfterMs = await stage.startEntry(patience);
  const exitReadyAfterMs = await stage.startExit(patience);
  const admin = await stage.adminKey();
  say(`   entry is ready after ${entryReadyAfterMs} ms, the exit ${exitReadyAfterMs} ms after its start`);
  say("\n2. A customer asks for a session");
  const { session, id, token } = await sessionBegun(story, admin);
  for (const line of sessionLines({ session })) say(line);
  say("\n3. entry and its database are killed with -9");
  await stage.entry.kill();
  const withoutEntry = await watched(story);
  say(pagesLine(withoutEntry));
  say("\n4. entry is started again");
  const again = await stage.startEntry(patience);
  const { body } = await stage.ask({ method: "GET", path: "/v1/sessions/current", token });
  const entryAgain = { readyAfterMs: again, state: String(body["state"]) };
  say(`   ready after ${again} ms; the session is ${entryAgain.state}`);
  say("\n5. The exit's program is killed with -9, and started again");
  const withoutCore = await coreKilled(story);
  say(`${pagesLine(withoutCore)}; it could be asked again ${withoutCore.readyAfterMs} ms after its start`);
  say("\n6. An admin ends the session");
  const end = await sessionEnded(story, id, admin);
  say(endLine({ end }));
  return { entryReadyAfterMs, exitReadyAfterMs, session, withoutEntry, withoutCore, entryAgain, end };
}

async function sessionBegun({ stage, patience }: Story, admin: string) {
  const customer = await stage.newCustomer(admin);
  await stage.askForPages();
  await patience.until(() => stage.pages.by !== undefined);
  const before = stage.pages.by ?? "nobody";
  const asked = Date.now();
  const started = await stage.startSession(customer);
  const exit = addressOf(places.exit);
  await patience.until(() => stage.pages.firstSince(asked, exit) !== undefined);
  const first = stage.pages.firstSince(asked, exit);
  const session = {
    answeredAfterMs: Math.round(started.tookMs),
    firstPageAfterMs: (first?.at ?? Number.NaN) - asked,
    ...{ before, through: stage.pages.by ?? "nobody" },
  };
  return { session, id: started.id, token: customer.token };
}

async function watched({ stage, patience, look }: Story) {
  const from = Date.now();
  await patience.rest(look);
  const pages = await stage.pagesSince(from, from + look, patience);
  return { seconds: look / 1_000, ...pages };
}

async function coreKilled(story: Story) {
  const { stage, look } = story;
  const watching = watched(story);
  await stage.exit.kill();
  await story.patience.rest(millis(look / 2));
  const began = performance.now();
  await stage.exit.start();
  await stage.exit.answers("status");
  return { readyAfterMs: Math.round(performance.now() - began), ...(await watching) };
}

async function sessionEnded({ stage, patience, look }: Story, id: string, token: string) {
  const ended = await stage.ask({ method: "POST", path: `/v1/admin/sessions/${id}/terminate`, token });
  const at = Date.now();
  await patience.rest(look);
  const { failed } = await stage.pagesSince(at, at + look, patience);
  const last = stage.pages.lastSince(at);
  return {
    answeredAfterMs: Math.round(ended.tookMs),
    lastPageAfterMs: last === undefined ? 0 : last - at,
    lostBehind: failed,
  };
}
