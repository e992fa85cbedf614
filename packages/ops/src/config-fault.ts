/** One thing wrong with a configuration, said so that its reader can put it right without asking; and zod's issues as such. */
import { z } from "zod";
import { type SchemaShape, shapeAt } from "./pure/schema-shape.ts";

export interface ConfigFault {
  /** Where in the configuration: "backhaul.probe.enabled"; empty when the fault is in no one place. */
  readonly path: string;
  /** The value as it was given; undefined when there is none, when it is a secret, and when it could be one. */
  readonly value: string | undefined;
  /** What is wrong and what would be right. */
  readonly reason: string;
  /** "/etc/ropewalk/ropewalk.toml:14", "environment ROPEWALK_…", or undefined when nothing set it. */
  readonly origin: string | undefined;
}

/** One line: `ropewalk.toml:3: backhaul.probe.interval = "soon": expected a duration …`. */
export function describeFault(fault: ConfigFault): string {
  const value = fault.value === undefined ? "" : ` = ${fault.value}`;
  const place = `${fault.path}${value}`;
  return [fault.origin, place, fault.reason].filter((part) => part !== undefined && part !== "").join(": ");
}

/** What one issue of the schema means: the place, relative to the section, and a sentence. */
export interface SchemaFault {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
  /** The keys the schema does not know, when that is the fault. */
  readonly unknownKeys: readonly string[];
}

export function schemaFaults(issues: readonly z.core.$ZodIssue[], shape: SchemaShape): readonly SchemaFault[] {
  return issues.map((issue) => ({
    path: issue.path,
    reason: hasOwnMessage(issue) ? issue.message : reasonOf(issue, shapeAt(shape, issue.path)),
    unknownKeys: issue.code === "unrecognized_keys" ? issue.keys : [],
  }));
}

/** A domain that gave its schema a message said it better than we can. */
function hasOwnMessage(issue: z.core.$ZodIssue): boolean {
  const standard = z.config().localeError?.(issue as z.core.$ZodRawIssue);
  return issue.message !== (typeof standard === "object" ? standard?.message : standard);
}

function reasonOf(issue: z.core.$ZodIssue, shape: SchemaShape | undefined): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${expectedForm(issue.expected, shape)}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value) ?? String(value)).join(" or ")}`;
    case "too_small":
      return `expected ${sizeOf(issue.origin)} ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "too_big":
      return `expected ${sizeOf(issue.origin)} ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`;
    case "invalid_union":
      return unionReason(issue, shape);
    case "custom":
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_key":
    case "invalid_element":
    case "unrecognized_keys":
      return lowered(issue.message);
  }
}

function expectedForm(expected: string, shape: SchemaShape | undefined): string {
  if (shape?.kind === "leaf" && shape.type.mark === "duration") return 'a duration such as "250ms", "15s" or "5m"';
  if (expected === "object" || expected === "record") return "a table";
  if (expected === "array") return shape?.kind === "tables" ? `tables in double brackets, [[…]]` : "a list";
  if (expected === "boolean") return "true or false";
  if (expected === "int") return "a whole number";
  return `a ${expected}`;
}

/** What a limit counts, by what zod says it belongs to. */
function sizeOf(origin: string): string {
  if (origin === "string") return "a text of length";
  if (origin === "array" || origin === "set" || origin === "map") return "a number of entries of";
  return "a number of";
}

function unionReason(issue: z.core.$ZodIssueInvalidUnion, shape: SchemaShape | undefined): string {
  const reasons = issue.errors.flatMap((branch) => branch.slice(0, 1).map((inner) => reasonOf(inner, shape)));
  const wanted = reasons.map((reason) => reason.replace(/^expected /, ""));
  return wanted.length === 0 ? lowered(issue.message) : `expected ${[...new Set(wanted)].join(", or ")}`;
}

function lowered(message: string): string {
  return /^[A-Z][a-z]/.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
}

/** The value as people see it, when it is plain, short and known not to be a secret. */
export function shownValue(value: unknown, path: readonly PropertyKey[], shape: SchemaShape): string | undefined {
  const at = shapeAt(shape, path);
  if (at?.kind !== "leaf" || at.type.mark === "secret") return undefined;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

/** "unknown key", with what may have been meant, where anything may. */
export function unknownReason(what: string, meant: readonly string[]): string {
  return meant.length === 0 ? `unknown ${what}` : `unknown ${what}; did you mean ${meant.join(" or ")}?`;
}
