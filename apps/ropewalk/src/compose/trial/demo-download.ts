/** A download that a trial makes through its own tunnel: every octet is checked, and the longest pause remembered. */
import { get } from "node:http";
import type { Clock } from "@ropewalk/kernel/clock";
import { PatternReader } from "./octet-pattern.ts";

export interface DownloadFigures {
  readonly octets: number;
  readonly wrong: number;
  /** Between two pieces, in milliseconds. */
  readonly longestStall: number;
  /** Why it is over; undefined while it goes on. */
  readonly ended: string | undefined;
}

export interface Download extends Disposable {
  readonly figures: DownloadFigures;
}

export function startDownload(port: number, clock: Clock): Download {
  const reader = new PatternReader();
  let lastAt: number | undefined;
  let longestStall = 0;
  let ended: string | undefined;
  const outgoing = get({ host: "127.0.0.1", port, path: "/download", agent: false }, (answer) => {
    answer.on("data", (piece: Buffer) => {
      const now = clock.now();
      if (lastAt !== undefined) longestStall = Math.max(longestStall, now - lastAt);
      lastAt = now;
      reader.read(piece);
    });
    answer.on("error", (error) => (ended ??= error.message));
    answer.once("close", () => (ended ??= "the connection ended"));
  });
  outgoing.on("error", (error) => (ended ??= error.message));
  return {
    get figures() {
      const sinceLast = lastAt === undefined || ended !== undefined ? 0 : clock.now() - lastAt;
      const stall = Math.max(longestStall, sinceLast);
      return { octets: reader.octets, wrong: reader.wrong, longestStall: stall, ended };
    },
    [Symbol.dispose]: () => void outgoing.destroy(),
  };
}
