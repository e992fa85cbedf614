/** The program of a McEliece worker: loads liboqs, then answers call after call. What it cannot answer ends it. */
import { parentPort } from "node:worker_threads";
import { InternalError } from "@ropewalk/kernel/errors";
import { createLiboqs, type Liboqs } from "./liboqs.ts";
import {
  type KeyReference,
  partsOf,
  type WorkerAnswer,
  type WorkerCall,
  type WorkerRequest,
} from "./worker-messages.ts";

if (parentPort === null) throw new InternalError("mceliece-worker.ts was started as a program; it is a worker's");
const port = parentPort;
const liboqs = await createLiboqs();

port.on("message", (request: WorkerRequest) => {
  if (request.kind === "forget") {
    for (const name of request.names) liboqs.forget(name);
    return;
  }
  const answer = answerTo(liboqs, request);
  port.postMessage(
    answer,
    partsOf(answer).map(({ buffer }) => buffer),
  );
});

function answerTo(liboqs: Liboqs, call: WorkerCall): WorkerAnswer {
  switch (call.kind) {
    case "generate":
      return { kind: "generated", ...liboqs.generate() };
    case "encapsulate":
      keep(liboqs, call.key);
      return { kind: "encapsulated", ...liboqs.encapsulate(call.key.name) };
    case "decapsulate":
      keep(liboqs, call.key);
      return { kind: "decapsulated", secret: liboqs.decapsulate(call.key.name, call.ciphertext) };
  }
}

function keep(liboqs: Liboqs, { name, octets }: KeyReference): void {
  if (octets === undefined) return;
  liboqs.keep(name, octets);
  octets.fill(0);
}
