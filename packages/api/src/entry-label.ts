/** What people and admins name in entry's documents: of printable characters alone, since it is shown, and PostgreSQL stores no U+0000. */
import { z } from "zod";

export const label: z.ZodString = z
  .string()
  .max(64)
  .regex(/^[^\p{C}]+$/u);
