/** `ropewalk doctor`. */
import type { RunCommand } from "../command-line/command.ts";
import { examine } from "../compose/doctor.ts";
import { exitCodes } from "../exit-codes.ts";
import { doctorLines } from "../render/doctor-view.ts";
import { createPaint } from "../render/paint.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const findings = await examine(context);
  const { output } = context;
  const text = flags.has("json")
    ? JSON.stringify({ findings }, undefined, 2)
    : doctorLines(findings, createPaint(output.hasColour)).join("\n");
  output.write(`${text}\n`);
  return findings.some(({ state }) => state === "fault") ? exitCodes.machineLacks : exitCodes.ok;
};
