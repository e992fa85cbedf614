/** Every decoder and parser of this package as a function of bytes, for the fuzzer: `run` returns on any input. */
import { millis } from "@ropewalk/kernel/units";
import { loadConfig } from "@ropewalk/ops/config";
import { renderConfig } from "@ropewalk/ops/config-render";
import { EventLog } from "@ropewalk/ops/event-log";
import { environmentNames, readText } from "../src/pure/config-environment.ts";
import { formatDuration, parseDuration } from "../src/pure/duration.ts";
import { readEnvironment } from "../src/pure/environment-settings.ts";
import { formatLogLine } from "../src/pure/log-line.ts";
import { guardLoopback } from "../src/pure/loopback-guard.ts";
import { nearestKey } from "../src/pure/nearest-key.ts";
import { leavesOf, shapeOf } from "../src/pure/schema-shape.ts";
import { environmentLeaves, refusedNames } from "../src/pure/section-loading.ts";
import { encodeServerSentEvent } from "../src/pure/server-sent-event.ts";
import { tomlLines } from "../src/pure/toml-lines.ts";
import { sections } from "./sample-sections.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

const sampleFile = `[backhaul]
monitor_only = true
names = ["a", "b"]
tags = { k = "v" }
[backhaul.probe]
interval_secs = 15
[[backhaul.uplink]]
name = "eth0"
metered = true
[log]
level = "debug"
`;

const decoder = new TextDecoder();
const leaves = leavesOf(shapeOf(sections.backhaul.schema));
const knownKeys = leaves.map(({ path }) => path.join("."));
const known = { key: "backhaul", section: sections.backhaul, shape: shapeOf(sections.backhaul.schema) };
const environment = {
  names: environmentNames(environmentLeaves(known)),
  formerNames: new Map(),
  sectionNames: ["backhaul"],
  refused: new Map(refusedNames(known)),
  otherNames: ["ROPEWALK_STATE_DIR"],
  readSecretFile: (text: string) => ({ kind: "text", text }) as const,
};
const log = new EventLog<number>({ epoch: "run1", capacity: 4 });
for (let event = 0; event < 8; event += 1) log.append(event);

/** A target whose input is text, with texts to mutate. */
function onText(name: string, seeds: readonly string[], run: (text: string) => unknown): FuzzTarget {
  const encoder = new TextEncoder();
  return { name, seeds: seeds.map((seed) => encoder.encode(seed)), run: (bytes) => void run(decoder.decode(bytes)) };
}

function fail(reason: string): never {
  throw new Error(reason);
}

export const fuzzTargets: readonly FuzzTarget[] = [
  onText("ops: configuration file", [sampleFile, "[log]\nlevel='x'", "backhaul.uplink=[{name='a'}]"], (content) => {
    const loaded = loadConfig({ sections, env: {}, text: { path: "f", content } });
    if (loaded.kind === "ok") renderConfig(loaded);
    else if (loaded.faults.length === 0) fail("refused without a reason");
  }),
  onText("ops: lines of a TOML text", [sampleFile], tomlLines),
  onText("ops: environment variable", ["true", "7410", "a,b", "1.5e3"], (text) =>
    leaves.map(({ type }) => readText(text, type)),
  ),
  onText("ops: environment names", ["PROBE_ENABLED", "PASSWORD_FILE"], (text) => {
    readEnvironment({ ...environment, env: { [`ROPEWALK_BACKHAUL_${text}`]: text } });
  }),
  onText("ops: nearest key", knownKeys, (text) => nearestKey(text, knownKeys)),
  onText("ops: duration", ["250ms", "1.5s", "2h"], (text) => {
    const duration = parseDuration(text);
    if (duration !== undefined) formatDuration(millis(duration));
  }),
  onText("ops: loopback guard", ["localhost:7410", "http://[::1]:80", "127.0.0.1"], (text) => {
    const answer = guardLoopback([text], [text]);
    if (answer.kind === "allowed") fail(`${text} is no Host and Origin at once`);
  }),
  onText("ops: Last-Event-ID", ["run1-6", "run1-0"], (text) => log.since(text)),
  onText("ops: server-sent event", ["a\r\nb\n"], (text) => {
    const encoded = encodeServerSentEvent({ id: text, event: text, data: text });
    if (encoded.indexOf("\n\n") !== encoded.length - 2) fail("more than one event");
  }),
  onText(
    "ops: log line",
    ['{"level":"info","time":"2026-01-01T00:00:00.000Z","message":"m","error":{"name":"E","message":"x"}}\n'],
    formatLogLine,
  ),
];
