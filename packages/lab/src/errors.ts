/** What can go wrong with the lab, as one closed list of codes; the message names what lacks and how to get it. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type LabErrorCode =
  /** The machine lacks a program, a kernel feature or a privilege that the lab needs. */
  | "LAB_UNSUPPORTED"
  /** The namespaces could not be set up although everything needed seems to be there. */
  | "LAB_START_FAILED"
  /** No host, uplink or address of that name, or an option outside its range. */
  | "LAB_BAD_REQUEST"
  /** A program inside the lab ended with an error. */
  | "LAB_COMMAND_FAILED"
  /** Something inside the lab did not answer in time. */
  | "LAB_TIMEOUT"
  /** The lab is disposed of, or its init was killed. */
  | "LAB_GONE";

export class LabError extends RopewalkError<LabErrorCode> {}
