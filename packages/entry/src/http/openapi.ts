/** The description of the routes in OpenAPI 3.1, made of the routes themselves: `openapi.json` in this package is what it says. */
import swagger from "@fastify/swagger";
import { type EntryProblemCode, entryProblemSchema, entryProblems } from "@ropewalk/api/entry-problem";
import { problemMediaType } from "@ropewalk/api/problem";
import Fastify, { type FastifySchema } from "fastify";
import { z } from "zod";
import { changeKeyForm } from "../pure/http/change-key.ts";
import type { Policy } from "./policy.ts";
import type { Route } from "./route.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** Nothing of the routes is run. `version`: of the API, which is no program's. */
export async function describeRoutes(routes: readonly Route[]): Promise<string> {
  const app = Fastify();
  try {
    await app.register(swagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "Ropewalk entry",
          version: "1",
          description:
            "The control plane of Ropewalk's VPN. Every change takes an Idempotency-Key and is done once for each; every refusal is a problem document (RFC 9457) with a code of a closed set.",
        },
        components: {
          schemas: { Problem: problemSchema },
          securitySchemes: {
            customer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A token of a customer" },
            admin: { type: "http", scheme: "bearer", description: "One of the admin keys" },
          },
        },
      },
    });
    for (const route of routes) {
      app.route({
        method: route.method,
        url: route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
        schema: schemaOf(route),
        // Schemas are only described here.
        validatorCompiler: () => () => true,
        serializerCompiler: () => () => "",
        handler: async () => undefined,
      });
    }
    await app.ready();
    return `${JSON.stringify(app.swagger(), undefined, 2)}\n`;
  } finally {
    await app.close();
  }
}

function schemaOf(route: Route): FastifySchema {
  const { operation, summary, policy, params, query, body } = route;
  const headers = route.kind === "change" ? changeHeaders : undefined;
  return {
    ...{ operationId: operation, summary, security: security[policy] },
    ...(params === undefined ? {} : { params: schema(params, "input") }),
    ...(query === undefined ? {} : { querystring: schema(query, "input") }),
    ...(body === undefined ? {} : { body: schema(body, "input") }),
    ...(headers === undefined ? {} : { headers }),
    response: { ...success(route), ...problemResponses(problemsOf(route)) },
  } as FastifySchema;
}

const security: Readonly<Record<Policy, readonly Readonly<Record<string, readonly string[]>>[]>> = {
  public: [],
  // Of another machine an admin key is asked.
  operations: [{}, { admin: [] }],
  customer: [{ customer: [] }],
  admin: [{ admin: [] }],
};

const changeHeaders: JsonSchema = {
  type: "object",
  properties: { "Idempotency-Key": { type: "string", description: changeKeyForm, minLength: 32, maxLength: 130 } },
  required: ["Idempotency-Key"],
};

function success(route: Route): Readonly<Record<string, JsonSchema>> {
  if (route.kind === "document") return { 200: { description: "As its content type says", type: "string" } };
  if (route.result === undefined) return { 204: { description: "It is done", type: "null" } };
  return { [route.status ?? 200]: { description: "It is so", ...schema(route.result, "output") } };
}

/** Those of the route, and those that any of its kind may end with. */
function problemsOf(route: Route): readonly EntryProblemCode[] {
  const codes: EntryProblemCode[] = [...route.problems, "too-many-requests", "internal", "unavailable"];
  if (route.kind !== "document") codes.push("bad-request", "unsure");
  if (route.policy !== "public") codes.push("unauthenticated");
  if (route.body !== undefined) codes.push("too-large", "unsupported-media-type");
  if (route.kind === "change") codes.push("key-needed", "under-way", "key-of-another");
  return [...new Set(codes)].toSorted();
}

function problemResponses(codes: readonly EntryProblemCode[]): Readonly<Record<string, JsonSchema>> {
  const byStatus = Map.groupBy(codes, (code) => entryProblems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: of.join(", "),
        content: { [problemMediaType]: { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}

function schema(of: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(of, { io, target: "draft-2020-12", unrepresentable: "any" });
  return rest;
}

const problemSchema: JsonSchema = schema(entryProblemSchema, "output");
