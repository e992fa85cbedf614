/**
 * What a source of the tunnel says of itself, read from the lines of its log: what became of its lane, when and by which path. Lines
 * that say nothing of that are passed over.
 */

export interface LaneWord {
  /** Milliseconds since 1970, as the source's log has it. */
  readonly at: number;
  /** The event's name: `path-changed`, `resumed`, `heartbeat-dead` … */
  readonly event: string;
  /** The uplink of the path that the lane has now, is to have, or had. */
  readonly by: string | null;
  /** What more the log says of it, for people. */
  readonly detail: string;
}

/** The fields that are read here; which of them are there depends on the event. */
interface RecordText {
  readonly time: string;
  readonly event?: string;
  readonly path?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly why?: string;
  readonly took?: number;
  readonly resent?: number;
  readonly reason?: string;
  readonly detail?: string;
  readonly code?: string;
}

export class TunnelStory {
  readonly #words: LaneWord[] = [];
  #by: string | null | undefined;

  /** Undefined when nothing in it is told here. */
  hear(line: string): LaneWord | undefined {
    const word = read(line);
    if (word === undefined) return undefined;
    this.#words.push(word);
    if (carries.has(word.event)) this.#by = word.by;
    return word;
  }

  /** The uplink of the lane, null where the system's routes decide; undefined before there was one. */
  get by(): string | null | undefined {
    return this.#by;
  }

  /** All that was told behind the moment, in milliseconds since 1970. */
  since(moment: number): readonly LaneWord[] {
    return this.#words.filter(({ at }) => at >= moment);
  }

  /** How often the event was told. */
  count(event: string): number {
    return this.#words.filter((word) => word.event === event).length;
  }
}

/** Behind these there is a lane. */
const carries: ReadonlySet<string> = new Set(["started", "resumed", "refreshed"]);
/** What is told of lanes, and nothing else. */
const ofLanes: ReadonlySet<string> = new Set([
  ...carries,
  ...["path-changed", "heartbeat-dead", "lane-closed", "lane-broken", "write-failed", "dial-failed"],
  ...["session-lost", "session-ended", "offline", "online", "failed-over"],
]);

function read(line: string): LaneWord | undefined {
  let record: RecordText;
  try {
    record = JSON.parse(line) as RecordText;
  } catch {
    return undefined;
  }
  const { event, time } = record;
  if (event === undefined || !ofLanes.has(event)) return undefined;
  return { at: Date.parse(time), event, by: uplinkOf(record.to ?? record.path), detail: detailOf(record) };
}

/** "wan0 ipv4" is of wan0. */
function uplinkOf(path: string | null | undefined): string | null {
  return path?.split(" ")[0] ?? null;
}

function detailOf({ why, code, reason, detail, took, resent }: RecordText): string {
  const facts = [
    ...[why, code, reason, detail],
    took === undefined ? undefined : `it took ${Math.round(took)} ms`,
    resent === undefined || resent === 0 ? undefined : `${resent} octets sent again`,
  ];
  return facts.filter((fact) => fact !== undefined && fact !== "").join(", ");
}
