import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { History } from "../History.ts"
import { writeHistoryFile } from "../writeHistoryFile.ts"
import type { ClusterMember } from "./ClusterMember.ts"

export interface ReportInput {
  readonly directory: string
  readonly seed: number
  readonly mode: string
  readonly replay: string
  readonly cause: unknown
  readonly history: History
  readonly members: ReadonlyArray<ClusterMember>
}

/** Keeps what a failure needs to be understood: the history, what each node logged, and how to run it again; what is longest comes last. */
export const writeReport = ({ cause, directory, history, members, mode, replay, seed }: ReportInput): void => {
  mkdirSync(directory, { recursive: true })
  for (const { logLines, nodeId } of members) writeFileSync(join(directory, `node${nodeId}.log`), logLines.map((line) => `${line}\n`).join(""))
  const text = cause instanceof Error ? cause.stack ?? cause.message : cause === undefined ? "" : String(cause)
  writeFileSync(join(directory, "README.txt"), `seed ${seed}, mode ${mode}\nagain: ${replay}\n\n${text}\n`)
  writeHistoryFile(join(directory, "history.jsonl"), history.operations, { seed, mode })
}
