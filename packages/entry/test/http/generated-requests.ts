/** Requests that are drawn from entry's own description: mostly as it says, and often a little otherwise. */
import { readFileSync } from "node:fs";
import fc from "fast-check";

export interface DrawnRequest {
  readonly operation: string;
  readonly method: string;
  /** With "{id}" where one is to be put. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly as: "nobody" | "another" | "customer" | "admin";
  readonly key: "new" | "former" | "none" | "wrong";
  readonly id: "known" | "random" | "wrong";
  /** The body is cut off or is of another type. */
  readonly mishap: "none" | "cut" | "text" | "large";
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
}

const description: { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> } = JSON.parse(
  readFileSync(new URL("../../openapi.json", import.meta.url), "utf8"),
);

/** Of every operation alike. */
export function drawnRequests(): fc.Arbitrary<DrawnRequest> {
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => requestOf(path, method.toUpperCase(), operation)),
  );
  return fc.oneof(...operations);
}

function requestOf(path: string, method: string, operation: Operation): fc.Arbitrary<DrawnRequest> {
  const body = operation.requestBody?.content["application/json"].schema;
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
  return fc.record({
    operation: fc.constant(operation.operationId),
    method: fc.constant(method),
    path: fc.constant(path),
    query: fc.record(Object.fromEntries(query.map(({ name, schema }) => [name, nearly(schema)])), {
      requiredKeys: [],
    }),
    body: body === undefined ? mostly(fc.constant(undefined), fc.json()) : mostly(nearly(body), fc.jsonValue()),
    as: mostly(
      fc.constant(path.includes("/admin/") ? "admin" : "customer"),
      fc.constantFrom("nobody", "another", "customer", "admin"),
    ),
    key: mostly(fc.constant("new"), fc.constantFrom("former", "none", "wrong")),
    id: mostly(fc.constant("known"), fc.constantFrom("random", "wrong")),
    mishap: mostly(fc.constant("none"), fc.constantFrom("cut", "text", "large")),
  }) as fc.Arbitrary<DrawnRequest>;
}

function mostly<T, U>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: seldom, weight: 1 });
}

function nearly(schema: Schema): fc.Arbitrary<unknown> {
  return mostly(rightOf(schema), fc.jsonValue({ maxDepth: 2 }));
}

function rightOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(nearly));
  switch (schema.type) {
    case "object":
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, nearly(one)])),
        {
          requiredKeys: [...(schema.required ?? [])],
        },
      );
    case "array":
      return fc.array(nearly(schema.items ?? {}), { maxLength: 3 });
    case "integer":
    case "number":
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000 });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return textOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function textOf({ format, pattern, maxLength = 64 }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.oneof(fc.uuid(), fc.constant("{known}"));
  if (pattern !== undefined && !pattern.includes("\\p")) return fc.stringMatching(new RegExp(pattern));
  const awkward = fc.string({
    unit: fc.constantFrom("a", "\0", "\u001b", "\ud800", "\ufdd0"),
    minLength: 1,
    maxLength,
  });
  return mostly(fc.string({ unit: "grapheme", minLength: 1, maxLength }), awkward);
}
