/** What a user gives to be sent: a text, what is piped in, or what is in a file. */
import { createReadStream } from "node:fs";
import { describeError } from "@ropewalk/kernel/errors";
import { AppError } from "../errors.ts";

/** As long as any configuration lets a message be. */
const longestContent = 16 * 2 ** 20;

/** Throws APP_USAGE where nothing or two things are to be sent, APP_NOT_FOUND where a file cannot be read, APP_REFUSED where it is too long. */
export async function givenContent(
  text: string | undefined,
  file: string | undefined,
  input: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  if ((text === undefined) === (file === undefined))
    throw new AppError("APP_USAGE", "what is to be sent? Write a text, - for what is piped in, or --file FILE.");
  if (file === undefined) return text === "-" ? await bounded(input, longestContent) : new TextEncoder().encode(text);
  return await fileContent(file, longestContent);
}

/** Throws APP_NOT_FOUND where it cannot be read, APP_REFUSED where it has more octets than `longest`. */
export async function fileContent(file: string, longest: number): Promise<Uint8Array> {
  try {
    return await bounded(createReadStream(file), longest);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("APP_NOT_FOUND", `${file} cannot be read: ${describeError(error)}`);
  }
}

/** Throws APP_REFUSED where it has more octets than `longest`. */
export async function bounded(input: AsyncIterable<Uint8Array>, longest: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > longest) throw new AppError("APP_REFUSED", `it has more than the ${longest} octets that it may have.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
