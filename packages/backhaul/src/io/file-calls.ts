/** The system calls by which a file of somebody else's is changed, one method each: what is between two of them is where a crash can fall. */
import {
  close,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsync,
  ftruncateSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/** Each throws what the system says. */
export interface FileCalls {
  /** Opens a new file, readable by nobody else, to be written. */
  create(path: string): number;
  /** Opens a file that is there to be written; follows no symbolic link. */
  open(path: string): number;
  /** Returns how many bytes were written, which may be fewer. */
  write(descriptor: number, bytes: Uint8Array, position: number): number;
  truncate(descriptor: number, length: number): void;
  changeOwner(descriptor: number, user: number, group: number): void;
  changeMode(descriptor: number, mode: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  close(descriptor: number): void;
  /** Returns at once; brings the content to the disk and then closes, aside. */
  closeDurably(descriptor: number): void;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

export const fileCalls: FileCalls = {
  create: (path) => openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600),
  open: (path) => openSync(path, O_WRONLY | O_NOFOLLOW),
  write: (descriptor, bytes, position) => writeSync(descriptor, bytes, 0, bytes.length, position),
  truncate: ftruncateSync,
  changeOwner: fchownSync,
  changeMode: fchmodSync,
  rename: renameSync,
  remove: unlinkSync,
  close: closeSync,
  closeDurably(descriptor) {
    // What fails here is told to nobody: the content is already what every reader sees.
    fsync(descriptor, () => close(descriptor, () => {}));
  },
};
