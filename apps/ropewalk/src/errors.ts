/** The one error of the program: an expected failure of a command, with the exit code that tells it to scripts. */
import { RopewalkError } from "@ropewalk/kernel/errors";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export type AppErrorCode =
  | "APP_USAGE"
  | "APP_CONFIG"
  | "APP_NOT_RUNNING"
  | "APP_PERMISSION"
  | "APP_ALREADY_RUNNING"
  | "APP_NOT_FOUND"
  | "APP_DIRECTORY"
  | "APP_LISTEN"
  | "APP_TIMEOUT"
  | "APP_CUT_SHORT"
  | "APP_REFUSED"
  | "APP_UNREADABLE"
  | "APP_NOT_TRUSTED";

const exitCodeOf: Readonly<Record<AppErrorCode, ExitCode>> = {
  APP_USAGE: exitCodes.usage,
  APP_CONFIG: exitCodes.configFaults,
  APP_NOT_RUNNING: exitCodes.notRunning,
  APP_PERMISSION: exitCodes.noPermission,
  APP_ALREADY_RUNNING: exitCodes.alreadyRunning,
  APP_NOT_FOUND: exitCodes.notFound,
  APP_DIRECTORY: exitCodes.failed,
  APP_LISTEN: exitCodes.failed,
  APP_TIMEOUT: exitCodes.failed,
  APP_CUT_SHORT: exitCodes.failed,
  APP_REFUSED: exitCodes.failed,
  APP_UNREADABLE: exitCodes.failed,
  APP_NOT_TRUSTED: exitCodes.notTrusted,
};

/** The message says what happened, to what, and what to do. It is shown to the user as it stands. */
export class AppError extends RopewalkError<AppErrorCode> {
  get exitCode(): ExitCode {
    return exitCodeOf[this.code];
  }
}
