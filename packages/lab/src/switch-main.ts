/**
 * The program that cuts: it lives inside the lab, holds a socket in every network it was asked about and flips interface
 * flags, alone or in a steady rhythm. It ends with its input.
 */
import { createInterface } from "node:readline";
import { type InterfaceSwitch, openInterfaceSwitch } from "./native.ts";
import type { EdgeText, SwitchReply, SwitchRequest } from "./switch-protocol.ts";

/** A flapping interface is remembered for this many edges; older ones are forgotten first. */
const mostEdges = 100_000;

type FlapRequest = Extract<SwitchRequest, { readonly kind: "flap" }>;

interface Flapping {
  readonly pid: number;
  readonly name: string;
  readonly timer: NodeJS.Timeout;
  readonly edges: EdgeText[];
}

function main(): void {
  const interfaces = openInterfaceSwitch();
  const flapping = new Map<number, Flapping>();
  const set = (pid: number, name: string, up: boolean): EdgeText => ({ at: String(interfaces.set(pid, name, up)), up });

  const answer = (request: SwitchRequest): readonly EdgeText[] => {
    switch (request.kind) {
      case "set":
        return [set(request.pid, request.name, request.up)];
      case "flap":
        flapping.set(request.id, startFlapping(interfaces, request));
        return [];
      case "stop": {
        const found = flapping.get(request.flap);
        flapping.delete(request.flap);
        if (found === undefined) return [];
        clearInterval(found.timer);
        if (found.edges.at(-1)?.up !== true) found.edges.push(set(found.pid, found.name, true));
        return found.edges;
      }
    }
  };

  createInterface({ input: process.stdin }).on("line", (line) => {
    const request = JSON.parse(line) as SwitchRequest;
    process.stdout.write(`${JSON.stringify(reply(request, answer))}\n`);
  });
}

function startFlapping(interfaces: InterfaceSwitch, { pid, name, halfMs }: FlapRequest): Flapping {
  const flip = (up: boolean): EdgeText => ({ at: String(interfaces.set(pid, name, up)), up });
  const edges = [flip(false)];
  const timer = setInterval(() => {
    try {
      edges.push(flip(edges.at(-1)?.up !== true));
    } catch {
      // The interface is gone, and its flapping with it; who stops it is told by the edges that are there.
      clearInterval(timer);
    }
    if (edges.length > mostEdges) edges.shift();
  }, halfMs);
  return { pid, name, timer, edges };
}

function reply(request: SwitchRequest, answer: (request: SwitchRequest) => readonly EdgeText[]): SwitchReply {
  try {
    return { kind: "done", id: request.id, edges: answer(request) };
  } catch (error) {
    return { kind: "failed", id: request.id, reason: error instanceof Error ? error.message : String(error) };
  }
}

main();
