/** The file of a backup: written beside its name and given it when it is whole and on the disk, read in lines of which none is longer than a row. */
import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { describeError } from "@ropewalk/kernel/errors";
import { EntryError } from "../errors.ts";
import { endOfRows } from "../pure/backup-header.ts";

const newline = 0x0a;
/** PostgreSQL keeps no value beyond 1 GiB; ours are bounded by their tables far below this. */
const longestRow = 16 * 2 ** 20;
const pieceSize = 256 * 1024;

export class BackupWriter implements AsyncDisposable {
  readonly #path: string;
  readonly #staging: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash("sha256");

  private constructor(path: string, staging: string, file: FileHandle) {
    this.#path = path;
    this.#staging = staging;
    this.#file = file;
  }

  /** For its owner alone to read. Throws ENTRY_BACKUP_FILE, also when something has the name. */
  static async create(path: string): Promise<BackupWriter> {
    const staging = `${path}.${process.pid}.part`;
    return filed(path, async () => {
      const there = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
      await there?.close();
      if (there !== undefined) throw new Error("something is there already; give another name");
      return new BackupWriter(path, staging, await open(staging, "wx", 0o600));
    });
  }

  write(octets: Uint8Array): Promise<void> {
    this.#hash.update(octets);
    return filed(this.#path, () => this.#file.writeFile(octets));
  }

  line(text: string): Promise<void> {
    return this.write(Buffer.from(`${text}\n`));
  }

  /** Of all that was written so far, in hexadecimal digits. */
  sum(): string {
    return this.#hash.copy().digest("hex");
  }

  /** It has its name, and stays when the power fails. */
  finish(): Promise<void> {
    return filed(this.#path, async () => {
      await this.#file.sync();
      await link(this.#staging, this.#path);
      const folder = await open(dirname(this.#path));
      await folder.sync();
      await folder.close();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await rm(this.#staging, { force: true });
  }
}

export class BackupReader implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  /** Read, and not taken yet. */
  #rest: Buffer = Buffer.alloc(0);

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Throws ENTRY_BACKUP_FILE. */
  static async open(path: string): Promise<BackupReader> {
    return filed(path, async () => {
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      if ((await file.stat()).isFile()) return new BackupReader(path, file);
      await file.close();
      throw new Error("it is no regular file");
    });
  }

  /** The next line, and the sum of all before it. Undefined at the end of the file. */
  async line(): Promise<{ readonly text: string; readonly sum: string } | undefined> {
    const end = await this.#lineEnd();
    if (end === undefined) return undefined;
    const sum = this.#hash.copy().digest("hex");
    return { text: this.#take(end + 1).toString("utf8", 0, end), sum };
  }

  /** Rows in pieces that end where a row does, until the line that ends them, which is taken too. */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      const end = await this.#lineEnd();
      if (end === undefined) throw this.damaged("it ends in the middle of a table");
      if (this.#rest.toString("latin1", 0, end) === endOfRows) {
        this.#take(end + 1);
        return;
      }
      yield this.#take(this.#wholeRows(end + 1));
    }
  }

  damaged(how: string): EntryError {
    return new EntryError(
      "ENTRY_BACKUP_DAMAGED",
      `${this.#path} is no whole backup of entry's database: ${how}. Use another`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  /** How far the rows go that are read already: up to the end of the last line, or of the table. */
  #wholeRows(least: number): number {
    const table = this.#rest.indexOf(`\n${endOfRows}\n`, least - 1);
    return table === -1 ? this.#rest.lastIndexOf(newline) + 1 : table + 1;
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#hash.update(taken);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  /** Where the line ends that is next. */
  async #lineEnd(): Promise<number | undefined> {
    for (let searched = 0; ; ) {
      const end = this.#rest.indexOf(newline, searched);
      if (end !== -1) return end;
      if (this.#rest.length > longestRow) throw this.damaged("a line is longer than any row");
      searched = this.#rest.length;
      const piece = Buffer.alloc(pieceSize);
      const { bytesRead } = await filed(this.#path, () => this.#file.read(piece, 0, pieceSize, null));
      if (bytesRead === 0) {
        if (searched > 0) throw this.damaged("its last line is not whole");
        return undefined;
      }
      this.#rest = Buffer.concat([this.#rest, piece.subarray(0, bytesRead)]);
    }
  }
}

async function filed<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new EntryError("ENTRY_BACKUP_FILE", `the backup ${path} cannot be used: ${describeError(error)}`, {
      cause: error,
    });
  }
}
