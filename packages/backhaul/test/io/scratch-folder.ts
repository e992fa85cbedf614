/** A folder for one test, gone after it. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export class ScratchFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "ropewalk-test-"));

  in(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** Writes a file, with the folders above it; `modifiedAt` is wall time in ms. Returns its path. */
  write(name: string, content: string | Uint8Array, modifiedAt?: number): string {
    const file = this.in(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (modifiedAt !== undefined) utimesSync(file, modifiedAt / 1000, modifiedAt / 1000);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
