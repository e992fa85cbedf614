/**
 * Does Ropewalk tell broken networks apart? The real daemon in the lab on its `normal` profile, at its defaults; every
 * network of the table on an uplink of its own, several side by side, broken one after the other within a probe cycle so that
 * each meets another phase of it. A family's answer is what the status says two cycles after the network was broken; the
 * time is since when it has said so without a gap.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { AddressFamily, FamilyDocument } from "@ropewalk/api/http";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { probeConfiguration } from "@ropewalk/lab/probe-configuration";
import { type Answer, type BrokenNetwork, brokenNetworks, wholeNetwork } from "./broken-networks.ts";
import { confusionMatrix } from "./confusion.ts";
import { DaemonInLab, daemonCommand } from "./daemon-in-lab.ts";
import { atMost, describeMachine, type RaceOptions, type RaceReport, type RaceRow } from "./race.ts";
import { type Moment, StatusTimeline } from "./status-timeline.ts";

const cycleMs = 30_000;
const limitMs = 2 * cycleMs;
const startLimitMs = 90_000;
const families: readonly AddressFamily[] = ["ipv4", "ipv6"];
/** At most so many networks in one lab. */
const sideBySide = 9;

interface Verdict {
  readonly network: string;
  readonly family: AddressFamily;
  readonly expected: string;
  readonly got: string;
  readonly text: string;
  readonly isRight: boolean;
  /** Since the network was broken; infinite when the answer was wrong at the end. */
  readonly tookMs: number;
  /** How long the path was called down, from just before it was broken on. */
  readonly downMs: number;
  /** Other answers between what was said before and the last one, each with its time. */
  readonly way: readonly string[];
}

interface Placed {
  readonly network: BrokenNetwork;
  readonly names: readonly string[];
}

export async function race(options: RaceOptions): Promise<RaceReport> {
  const only = options["only"];
  const chosen = brokenNetworks.filter(({ name }) => only === undefined || name.includes(only));
  if (chosen.length === 0) throw new Error(`no network is called "${only}"`);
  const verdicts: Verdict[] = [];
  for (let first = 0; first < chosen.length; first += sideBySide) {
    verdicts.push(...(await judgeTogether([...chosen.slice(first, first + sideBySide), wholeNetwork])));
  }
  return {
    race: "pathology",
    machine: describeMachine(),
    rounds: `${chosen.length} broken networks once each, up to ${sideBySide} side by side with ${wholeNetwork.uplinks.length} whole ones, profile normal`,
    rows: rowsOf(chosen, verdicts),
    notes: [
      confusionMatrix(verdicts),
      ...verdicts.flatMap(describeWay),
      ...verdicts.filter(({ isRight }) => !isRight).map(describeWrong),
    ],
  };
}

async function judgeTogether(networks: readonly BrokenNetwork[]): Promise<readonly Verdict[]> {
  const placed = place(networks);
  const uplinks = networks.flatMap((network) => network.uplinks.map(({ options }) => options));
  await using lab = await createLab({ uplinks });
  const configuration = { toml: probeConfiguration(lab), settings: {} };
  await using daemon = await DaemonInLab.start(lab.host("edge"), daemonCommand("source"), configuration);
  await using timeline = new StatusTimeline(daemon);
  await untilAllUp(lab, timeline);
  const verdicts = await Promise.all(
    placed.map(async (one, index) => {
      await delay((index * cycleMs) / placed.length);
      return judge(lab, timeline, one);
    }),
  );
  return verdicts.flat();
}

/** Uplinks are named in the order in which they are asked for. */
function place(networks: readonly BrokenNetwork[]): readonly Placed[] {
  let next = 0;
  return networks.map((network) => ({ network, names: network.uplinks.map(() => `wan${next++}`) }));
}

async function untilAllUp(lab: Lab, timeline: StatusTimeline): Promise<void> {
  const deadline = performance.now() + startLimitMs;
  const paths = lab.uplinks.flatMap(({ name }) => families.map((family) => ({ name, family })));
  for (;;) {
    const waiting = paths.filter(({ name, family }) => timeline.of(name, family).at(-1)?.path.state !== "up");
    if (waiting.length === 0) return;
    if (performance.now() > deadline) throw new Error(notUp(waiting, timeline));
    await delay(100);
  }
}

function notUp(
  waiting: readonly { readonly name: string; readonly family: AddressFamily }[],
  timeline: StatusTimeline,
): string {
  const words = waiting.map(({ name, family }) => {
    return `${name} ${family}: ${timeline.of(name, family).at(-1)?.path.reason.text ?? "not in the status"}`;
  });
  return `not every whole uplink was up within ${startLimitMs} ms:\n${words.join("\n")}`;
}

async function judge(lab: Lab, timeline: StatusTimeline, { network, names }: Placed): Promise<readonly Verdict[]> {
  const change = await network.make(lab, names);
  await delay(limitMs);
  return network.uplinks.flatMap(({ right }, index) => {
    const name = names[index] ?? "";
    return families.map((family): Verdict => {
      const end = change.doneAt + BigInt(limitMs) * 1_000_000n;
      const moments = timeline.of(name, family).filter(({ at }) => at <= end);
      const last = moments.at(-1)?.path;
      const isAs = (path: FamilyDocument | undefined) => path !== undefined && isRight(path, right[family], lab, name);
      return {
        network: network.name,
        family,
        expected: `${right[family].state} ${right[family].code}`,
        got: last === undefined ? "nothing" : `${last.state} ${last.reason.code}`,
        text: last?.reason.text ?? "",
        isRight: isAs(last),
        tookMs: isAs(last) ? Math.max(0, toMs(rightSince(moments, isAs) - change.doneAt)) : Number.POSITIVE_INFINITY,
        downMs: downTime(moments, change.at, end),
        way: wayOf(moments, change.at),
      };
    });
  });
}

function isRight(path: FamilyDocument, { state, code, also }: Answer, lab: Lab, uplink: string): boolean {
  return path.state === state && path.reason.code === code && (also?.(path, lab, uplink) ?? true);
}

/** When the last unbroken run of right answers began. */
function rightSince(moments: readonly Moment[], isAs: (path: FamilyDocument) => boolean): bigint {
  const lastWrong = moments.findLastIndex(({ path }) => !isAs(path));
  return moments[lastWrong + 1]?.at ?? 0n;
}

function downTime(moments: readonly Moment[], from: bigint, end: bigint): number {
  const spans = moments.map(({ at, path }, index) => {
    const until = moments[index + 1]?.at ?? end;
    const begin = at < from ? from : at;
    return path.state === "down" && until > begin ? toMs(until - begin) : 0;
  });
  return spans.reduce((sum, span) => sum + span, 0);
}

function wayOf(moments: readonly Moment[], from: bigint): readonly string[] {
  const said = moments
    .filter(({ at }, index) => at >= from || (moments[index + 1]?.at ?? from) > from)
    .map(({ at, path }) => ({ at, answer: `${path.state} ${path.reason.code}` }));
  // The same answer may have been given in other words.
  const changes = said.filter(({ answer }, index) => answer !== said[index - 1]?.answer);
  return changes.slice(1, -1).map(({ at, answer }, index) => {
    return `${answer} for ${(toMs((changes[index + 2]?.at ?? at) - at) / 1000).toFixed(1)} s`;
  });
}

function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

function rowsOf(networks: readonly BrokenNetwork[], verdicts: readonly Verdict[]): RaceRow[] {
  const ofNetwork = (name: string) => verdicts.filter(({ network }) => network === name);
  const wrong = networks.filter(({ name }) => ofNetwork(name).some(({ isRight }) => !isRight));
  const broken = networks.flatMap(({ name }) => ofNetwork(name));
  const renumbered = ofNetwork("DHCP renumbering").map(({ downMs }) => downMs / 1000);
  const whole = ofNetwork(wholeNetwork.name);
  return [
    atMost(`networks judged wrongly, of ${networks.length}`, "", wrong.length, 0),
    atMost(`paths judged wrongly, of ${broken.length}`, "", broken.filter(({ isRight }) => !isRight).length, 0),
    atMost(
      `paths of whole uplinks that were ever not up, of ${whole.length}`,
      "",
      whole.filter(wasEverWrong).length,
      0,
    ),
    ...networks.map(({ name }) => {
      const slowest = Math.max(...ofNetwork(name).map(({ tookMs }) => tookMs / 1000));
      return atMost(`${name}: right for good after`, "s", slowest, limitMs / 1000);
    }),
    ...(renumbered.length === 0
      ? []
      : [atMost("DHCP renumbering: called down for", "s", Math.max(...renumbered), cycleMs / 1000)]),
  ];
}

function wasEverWrong({ tookMs }: Verdict): boolean {
  return tookMs > 0;
}

/** What the status said on the way to its last answer, where it said anything else than before. */
function describeWay({ network, family, way }: Verdict): readonly string[] {
  return way.length === 0 ? [] : [`${network}, ${family}: first ${way.join(", then ")}`];
}

function describeWrong({ network, family, expected, got, text }: Verdict): string {
  return `${network}, ${family}: expected ${expected}, got ${got} (${text})`;
}
