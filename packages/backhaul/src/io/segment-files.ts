/**
 * The files of the decision log: one is open, the newest are kept, and nobody waits for the disk. Texts are written in the
 * order in which they were given. After a failure what waits is dropped and counted, and a new file must be begun, so that
 * no file has a hole.
 */
import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

/** "decisions-000007.jsonl". */
export function segmentName(segment: number): string {
  return `decisions-${String(segment).padStart(6, "0")}.jsonl`;
}

/** Numbers of the segments in a folder, ascending. Rejects as `readdir` does. */
export async function listSegments(folder: string): Promise<readonly number[]> {
  const digits = (await readdir(folder)).flatMap((name) => /^decisions-(\d{6,15})\.jsonl$/.exec(name)?.[1] ?? []);
  return digits.map(Number).toSorted((a, b) => a - b);
}

/** How much of older segments is kept when a new one begins. */
export interface Kept {
  readonly bytes: number;
  readonly files: number;
}

export interface SegmentFilesOptions {
  readonly folder: string;
  readonly firstSegment: number;
  /** A file was begun and its header is in it. */
  readonly onBegun: () => void;
  /** So many records that had been given are in no file. */
  readonly onFault: (error: unknown, lostRecords: number) => void;
}

type Job =
  | { readonly kind: "begin"; readonly segment: number; readonly text: string; readonly kept: Kept }
  | { readonly kind: "append"; readonly text: string; readonly records: number }
  | { readonly kind: "end" };

export class SegmentFiles {
  readonly #options: SegmentFilesOptions;
  #jobs: Job[] = [];
  #running: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #nextSegment: number;

  constructor(options: SegmentFilesOptions) {
    this.#options = options;
    this.#nextSegment = options.firstSegment;
  }

  /** The number that the next `begin` gives its file. */
  get nextSegment(): number {
    return this.#nextSegment;
  }

  /** Characters of records that wait. */
  get queued(): number {
    return this.#jobs.reduce((sum, job) => sum + (job.kind === "append" ? job.text.length : 0), 0);
  }

  /** From here on texts go into a new file, which opens with `text`. */
  begin(text: string, kept: Kept): void {
    this.#add({ kind: "begin", segment: this.#nextSegment, text, kept });
    this.#nextSegment += 1;
  }

  append(text: string, records: number): void {
    const last = this.#jobs.at(-1);
    if (last?.kind === "append") {
      this.#jobs[this.#jobs.length - 1] = { kind: "append", text: last.text + text, records: last.records + records };
    } else this.#add({ kind: "append", text, records });
  }

  /** Closes the file when everything before is written. */
  end(): void {
    this.#add({ kind: "end" });
  }

  /** Drops what waits and returns how many records that were; the file is not written to again. */
  drop(): number {
    const dropped = this.#jobs;
    this.#jobs = [{ kind: "end" }];
    this.#reuseNumber(dropped);
    return recordsIn(dropped);
  }

  /** Resolves when nothing waits; never rejects. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      try {
        await this.#do(job);
      } catch (error) {
        this.#fail(job, error);
      }
    }
    this.#running = undefined;
  }

  async #do(job: Job): Promise<void> {
    switch (job.kind) {
      case "begin":
        await this.#close();
        this.#file = await beginFile(this.#options.folder, job);
        this.#options.onBegun();
        break;
      case "append":
        await appendTo(this.#file, job.text);
        break;
      case "end":
        await this.#close();
        break;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #fail(job: Job, error: unknown): void {
    const lost = [job, ...this.#jobs];
    this.#jobs = [{ kind: "end" }];
    this.#reuseNumber(lost);
    if (hasCode(error, "EEXIST")) this.#nextSegment += 1;
    this.#options.onFault(error, recordsIn(lost));
  }

  #reuseNumber(unwritten: readonly Job[]): void {
    const unbegun = unwritten.find((job) => job.kind === "begin");
    if (unbegun !== undefined) this.#nextSegment = unbegun.segment;
  }
}

function recordsIn(jobs: readonly Job[]): number {
  return jobs.reduce((sum, job) => sum + (job.kind === "append" ? job.records : 0), 0);
}

/** A file that cannot be begun is not left behind, and costs no older one: on a full disk the log must not eat itself. */
async function beginFile(folder: string, begun: Extract<Job, { readonly kind: "begin" }>): Promise<FileHandle> {
  await makeFolder(folder);
  const path = join(folder, segmentName(begun.segment));
  const file = await open(path, "wx", 0o600);
  try {
    await file.appendFile(begun.text);
    await removeOld(folder, begun);
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(path).catch(() => {});
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** The oldest first, and never the new one. Short ones, of a program that restarts often, do not push out long ones. */
async function removeOld(folder: string, { segment, kept }: { readonly segment: number; readonly kept: Kept }) {
  let bytes = 0;
  let files = 0;
  for (const older of (await listSegments(folder)).toReversed()) {
    if (older === segment) continue;
    const path = join(folder, segmentName(older));
    bytes += (await stat(path)).size;
    files += 1;
    if (bytes > kept.bytes || files > kept.files) await unlink(path);
  }
}

async function appendTo(file: FileHandle | undefined, text: string): Promise<void> {
  if (file === undefined) throw new Error("no file is open");
  if ((await file.stat()).nlink === 0) throw new Error("the file that was written to has been deleted");
  await file.appendFile(text);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
