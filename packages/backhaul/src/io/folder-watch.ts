/**
 * Notices changes in folders that may not be there yet, may vanish and may come back. Inotify tells of what is there;
 * a slow beat finds folders that appeared or were replaced, and stands in for whatever inotify cannot tell.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis, seconds } from "@ropewalk/kernel/units";

export interface WatchedFolder {
  readonly path: string;
  /** Only changes of this file matter; all when undefined. */
  readonly fileName?: string;
}

interface OpenWatch {
  readonly watcher: FSWatcher;
  /** Of the folder that inotify holds on to, which need not be the one at the path any more. */
  readonly identity: string;
}

/** Programs write a file in several steps; their changes are told as one. */
const settleTime = millis(50);
const beat = seconds(60);

/** Calls `onChange` from its first beat or change until it is disposed. Takes one inotify descriptor, no thread, no process. */
export class FolderWatch implements Disposable {
  readonly #folders: () => readonly WatchedFolder[];
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** By path and file name. */
  readonly #open = new Map<string, OpenWatch>();
  #settling: Timer | undefined;
  #beating: Timer | undefined;

  /** `folders` is asked again at every beat and change, because a symbolic link may have been pointed elsewhere. */
  constructor(folders: () => readonly WatchedFolder[], clock: Clock, onChange: () => void) {
    this.#folders = folders;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#beat();
  }

  /** Tells of a change soon, together with others of the same moment. */
  touch(): void {
    this.#settling ??= this.#clock.after("resolver sources settle", settleTime, () => {
      this.#settling = undefined;
      this.#renew();
      this.#onChange();
    });
  }

  [Symbol.dispose](): void {
    this.#settling?.[Symbol.dispose]();
    this.#beating?.[Symbol.dispose]();
    for (const key of [...this.#open.keys()]) this.#close(key);
  }

  #beat(): void {
    this.#renew();
    this.#beating = this.#clock.after("resolver sources beat", beat, () => {
      this.#beat();
      this.touch();
    });
  }

  #renew(): void {
    const folders = new Map(this.#folders().map((folder) => [`${folder.path}\0${folder.fileName ?? ""}`, folder]));
    for (const key of [...this.#open.keys()]) if (!folders.has(key)) this.#close(key);
    for (const [key, folder] of folders) this.#renewFolder(key, folder);
  }

  #renewFolder(key: string, folder: WatchedFolder): void {
    const identity = identityOf(folder.path);
    if (identity === this.#open.get(key)?.identity) return;
    this.#close(key);
    if (identity === undefined) return;
    try {
      const watcher = watch(folder.path, { persistent: false }, (_event, name) => {
        if (folder.fileName === undefined || name === null || name === folder.fileName) this.touch();
      });
      // Without a watch a change is told a beat late, not lost.
      watcher.on("error", () => this.#close(key));
      this.#open.set(key, { watcher, identity });
    } catch {
      // The folder vanished, may not be read, or inotify's limits are used up (inotify(7)): the beat remains.
    }
  }

  #close(key: string): void {
    this.#open.get(key)?.watcher.close();
    this.#open.delete(key);
  }
}

/** Device, inode and time of making: file systems give an inode away again. Undefined when there is no folder to be seen. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, birthtimeMs } = statSync(path);
    return `${dev}:${ino}:${birthtimeMs}`;
  } catch {
    return undefined;
  }
}
