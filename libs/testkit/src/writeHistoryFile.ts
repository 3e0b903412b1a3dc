import { closeSync, openSync, writeFileSync } from "node:fs"
import { HistoryText } from "./HistoryText.ts"
import type { Operation } from "./Operation.ts"

/** Writes a history of any length to a file, as `HistoryText` has it. */
export const writeHistoryFile = (path: string, operations: Iterable<Operation>, header: Readonly<Record<string, unknown>> = {}): void => {
  const file = openSync(path, "w")
  try {
    // To an open file it writes behind what stands there.
    for (const chunk of HistoryText.chunks(operations, header)) writeFileSync(file, chunk)
  } finally {
    closeSync(file)
  }
}
