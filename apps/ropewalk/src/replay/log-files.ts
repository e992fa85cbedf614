/** Which files a replay reads: one that was named, or the segments of a folder in their order. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { listSegments, segmentName } from "@ropewalk/backhaul/io/segment-files";
import { AppError } from "../errors.ts";

export interface LogFile {
  readonly path: string;
  readonly name: string;
  readonly octets: number;
}

/** `from` leaves out segments with lower numbers. Throws APP_NOT_FOUND, APP_PERMISSION, or APP_UNREADABLE. */
export async function findLogFiles(place: string, from: number | undefined): Promise<readonly LogFile[]> {
  try {
    const found = await stat(place);
    if (!found.isDirectory()) return [{ path: place, name: basename(place), octets: found.size }];
    return await filesIn(place, from);
  } catch (error) {
    throw error instanceof AppError ? error : fileError(place, error);
  }
}

async function filesIn(folder: string, from: number | undefined): Promise<readonly LogFile[]> {
  const segments = await listSegments(folder);
  const wanted = segments.filter((segment) => from === undefined || segment >= from);
  if (wanted.length === 0) {
    const [first] = segments;
    const advice =
      first === undefined
        ? "Is backhaul.decision_log.enabled true, and did the node run?"
        : `There are ${first} to ${segments.at(-1)}.`;
    throw new AppError(
      "APP_NOT_FOUND",
      `${folder} holds no decisions${first === undefined ? "" : ` from segment ${from} on`}. ${advice}`,
    );
  }
  return await Promise.all(
    wanted.map(async (segment) => {
      const path = join(folder, segmentName(segment));
      return { path, name: segmentName(segment), octets: (await stat(path)).size };
    }),
  );
}

/** What the system says of a file, for people. */
export function fileError(path: string, cause: unknown): AppError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "ENOENT":
      return new AppError("APP_NOT_FOUND", `there is no ${path}.`);
    case "EACCES":
    case "EPERM":
      return new AppError("APP_PERMISSION", `${path} may not be read by this user: try sudo.`);
    default:
      return new AppError("APP_UNREADABLE", `${path} cannot be read`, { cause });
  }
}
