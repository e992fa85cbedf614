/** Generated requests to a service over gRPC and mutual TLS: each is answered, or refused with a status that tells its caller what is wrong. */
import { type DescMethod, type DescService, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { RawCalls } from "../../../../../packages/ops/test/grpc/raw-calls.ts";
import { drawnMessages, type Meant } from "./drawn-messages.ts";

export interface Asked {
  readonly service: DescService;
  readonly meant: Meant;
  readonly calls: RawCalls;
  /** Before each so many, with how many were asked before. */
  readonly between: (asked: number) => Promise<void>;
}

/** What a caller may be told. What is missing says that whoever was asked has a defect, is gone, or did not answer. */
const said: ReadonlySet<string> = new Set([
  ...["OK", "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED"],
  ...["RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED"],
]);
const [atOnce, inOneDraw, mostFaults] = [8, 400, 20];

/** Faults of `inputs` requests, of all methods alike; `statuses` counts what came of them. */
export async function askAll(
  { service, meant, calls, between }: Asked,
  inputs: number,
  seed: number,
  statuses: Map<string, number>,
): Promise<readonly string[]> {
  const requests = fc.oneof(...service.methods.map((method) => requestsTo(method, meant)));
  const faults: string[] = [];
  for (let asked = 0; asked < inputs && faults.length < mostFaults; asked += inOneDraw) {
    await between(asked);
    const left = fc.sample(requests, { numRuns: Math.min(inOneDraw, inputs - asked), seed: seed + asked }).values();
    const ask = async () => {
      for (const { method, octets } of left) {
        const status = await calls.send(method, octets);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (!said.has(status)) faults.push(`${method.name} ${Buffer.from(octets).toString("hex")}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
  }
  return faults;
}

function requestsTo(method: DescMethod, meant: Meant): fc.Arbitrary<{ method: DescMethod; octets: Uint8Array }> {
  const right = drawnMessages(method.input, meant).map((message) => toBinary(method.input, message));
  const cut = fc.tuple(right, fc.nat()).map(([octets, at]) => octets.subarray(0, at % (octets.length + 1)));
  const changed = fc.tuple(right, fc.nat(), fc.nat(255)).map(([octets, at, to]) => {
    const other = octets.slice();
    if (other.length > 0) other[at % other.length] = to;
    return other;
  });
  const octets = fc.oneof(
    { weight: 17, arbitrary: right },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
  return octets.map((all) => ({ method, octets: all }));
}
