/** `ropewalk mesh send TO [TEXT]`: hands a message to the node, and with --wait stays until its recipient has it. */
import type { MessagePriority, SendAnswerDocument, SendDocument } from "@ropewalk/api/messages";
import type { MessagingClient } from "@ropewalk/api/messages-client";
import type { Millis } from "@ropewalk/kernel/units";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { givenContent } from "../command-line/given-content.ts";
import { durationGiven, portOf } from "../command-line/given-values.ts";
import { AppError } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { type Proof, ProofWatch } from "../local-api/await-proof.ts";
import { findRecipient, type Recipient } from "../local-api/find-recipient.ts";
import { stopSignal } from "../local-api/follow.ts";
import { withRefusals } from "../local-api/refusals.ts";
import { sendRefusalText } from "../render/message-view.ts";
import { durationText } from "../render/quantity.ts";

type Accepted = SendAnswerDocument & { readonly kind: "accepted" };

export const run: RunCommand = async (given, context) => {
  const within = durationGiven("--wait", given.values.get("wait"));
  const life = durationGiven("--life", given.values.get("life"));
  const port = portOf(given.values.get("port")) ?? 0;
  const octets = await givenContent(given.operands[1], given.values.get("file"), context.input);
  const { client, answer: recipient } = await askMessages(context, (asked, signal) =>
    findRecipient(given.operands[0] ?? "", asked, signal),
  );
  const order: SendDocument = {
    ...{ to: recipient.address, port, lifeMs: life ?? null },
    priority: (given.values.get("priority") as MessagePriority | undefined) ?? "normal",
    content: { kind: "base64", base64: octets.toBase64() },
  };
  if (!given.flags.has("wait")) {
    const accepted = await send(order, recipient, context);
    return tellAccepted(accepted, given, context);
  }
  return await sendAndWait(order, { client, recipient, given, context, within });
};

interface Waiting {
  readonly client: MessagingClient;
  readonly recipient: Recipient;
  readonly given: GivenArguments;
  readonly context: CommandContext;
  /** Undefined: for its life. */
  readonly within: Millis | undefined;
}

async function sendAndWait(
  order: SendDocument,
  { client, recipient, given, context, within }: Waiting,
): Promise<ExitCode> {
  const { clock, errors } = context;
  const over = new AbortController();
  const stop = stopSignal(context);
  const signal = AbortSignal.any([over.signal, stop]);
  const onProgress = (proved: number, of: number) => {
    if (errors.isTerminal && of > 1) errors.write(`\r${proved} of ${of} parts are there${proved === of ? "\n" : ""}`);
  };
  const watch = await withRefusals(ProofWatch.open(client, { clock, signal, onProgress }));
  try {
    const accepted = await send(order, recipient, context);
    const limit = within ?? (accepted.lifeMs as Millis);
    using _timer = clock.after("proof of a message", limit, () => over.abort());
    const proof = await watch.proof(accepted.id);
    return tellProof(accepted, proof, stop.aborted ? undefined : limit, { given, context });
  } finally {
    over.abort();
  }
}

/** Tells what its sender may not expect of it. Throws APP_REFUSED with the figures. */
async function send(order: SendDocument, to: Recipient, context: CommandContext): Promise<Accepted> {
  const { answer } = await askMessages(context, (asked, signal) => asked.messages.send(order, signal));
  if (answer.kind !== "accepted") throw new AppError("APP_REFUSED", `it was not sent: ${sendRefusalText(answer)}.`);
  tellCut(order, answer, context);
  if (to.standing !== "there") context.errors.write(`ropewalk: ${waitText(to.address, to.standing)}\n`);
  return answer;
}

function waitText(address: string, standing: "away" | "unheard"): string {
  return standing === "away"
    ? `there is no way to ${address} now: it is kept here, and by neighbours, until there is one.`
    : `nobody has announced ${address} here, and his key is not known: it waits until he is heard of.`;
}

function tellAccepted(accepted: Accepted, { flags }: GivenArguments, context: CommandContext): ExitCode {
  const { id, to } = accepted;
  if (flags.has("json")) context.output.write(`${JSON.stringify(accepted, undefined, 2)}\n`);
  else context.output.write(`${id} is on its way to ${to}.\n`);
  return exitCodes.ok;
}

function tellCut({ lifeMs }: SendDocument, accepted: Accepted, { errors }: CommandContext): void {
  if (lifeMs === null || accepted.lifeMs >= lifeMs) return;
  errors.write(`ropewalk: no message lives longer than ${durationText(accepted.lifeMs)} here (mesh.store.max_life).\n`);
}

function tellProof(
  accepted: Accepted,
  proof: Proof,
  limit: Millis | undefined,
  { given, context }: Pick<Waiting, "given" | "context">,
): ExitCode {
  const { id, to } = accepted;
  if (given.flags.has("json")) context.output.write(`${JSON.stringify({ ...accepted, proof }, undefined, 2)}\n`);
  else if (proof === "delivered") context.output.write(`${to} has ${id}.\n`);
  else context.errors.write(`ropewalk: ${proofText(id, to, proof, limit)}\n`);
  return proofCodes[proof];
}

const proofCodes: Readonly<Record<Proof, ExitCode>> = {
  delivered: exitCodes.ok,
  late: exitCodes.unproved,
  over: exitCodes.unproved,
  expired: exitCodes.failed,
};

/** `limit`: undefined where the user has stopped it. */
function proofText(id: string, to: string, proof: Exclude<Proof, "delivered">, limit: Millis | undefined): string {
  switch (proof) {
    case "late": {
      const within = limit === undefined ? "yet" : `within ${durationText(limit)}`;
      return `${to} has not proved ${within} to have ${id}. It is kept, and delivered when there is a way: ropewalk mesh outbox shows it.`;
    }
    case "expired":
      return `the life of ${id} is over, and ${to} has not proved to have it.`;
    case "over":
      return `${id} is in the outbox no more, and what became of it was told while the node was away.`;
  }
}
