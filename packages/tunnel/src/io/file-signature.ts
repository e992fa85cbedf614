/** Whether files have changed, without reading them. */
import { statSync } from "node:fs";

/** Another one when any of the files was written or replaced, has gone or come. */
export function fileSignature(paths: readonly string[]): string {
  return paths.map(signatureOf).join(" ");
}

function signatureOf(path: string): string {
  try {
    const { ino, size, mode, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mode, mtimeNs, ctimeNs].join(":");
  } catch {
    return "absent";
  }
}
