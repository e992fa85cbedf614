/** A download of edge's own: pieces of a file from a target, as fast as that gives them, and by which uplink they come. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { bytes } from "@ropewalk/kernel/units";
import { download, serveDownloads } from "../download.ts";
import type { Lab } from "../lab.ts";
import type { TrafficWord } from "../pure/traffic-output.ts";
import {
  type Break,
  type DownloadFigures,
  downloadFigures,
  megabitsPerSecond,
  type OctetCount,
  type Pause,
} from "./pure/figures.ts";
import { addressOf, uplinkWith } from "./ways.ts";

const source = "target-1";
const port = 7_002;
/** 20 Mbit/s. */
const pace = bytes(2_500_000);
/** Less than a second of it, so that the next piece soon shows where new connections go. */
const piece = bytes(2_000_000);

export class SiteDownload implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #stack = new AsyncDisposableStack();
  readonly #counts: OctetCount[] = [];
  readonly #pauses: Pause[] = [];
  readonly #breaks: Break[] = [];
  #way: IpAddress | undefined;

  static async begin(lab: Lab): Promise<SiteDownload> {
    await using unwinding = new AsyncDisposableStack();
    const started = unwinding.use(new SiteDownload(lab));
    started.#stack.use(await serveDownloads(lab.host(source), { port, pace }));
    const loading = started.#stack.use(await download(lab.host("edge"), { to: addressOf(source), port, piece }));
    started.#stack.use(loading.follow((word) => started.#hear(word)));
    unwinding.move();
    return started;
  }

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** The uplink by which the connection of the moment, or the last one, got its octets. */
  get by(): string | null {
    return uplinkWith(this.#lab, this.#way);
  }

  megabitsPerSecond(from: bigint, to: bigint): number {
    return megabitsPerSecond(this.#counts, from, to);
  }

  figuresSince(moment: bigint): DownloadFigures {
    return downloadFigures({ pauses: this.#pauses, breaks: this.#breaks }, moment);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }

  #hear(word: TrafficWord): void {
    switch (word.kind) {
      case "from":
        this.#way = word.address;
        break;
      case "octets":
        this.#counts.push(word);
        break;
      case "pause":
        this.#pauses.push(word);
        break;
      case "broken":
        this.#breaks.push(word);
        break;
      case "ready":
      case "packet":
        break;
    }
  }
}
