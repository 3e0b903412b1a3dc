import type { Arguments } from "../Arguments.ts"
import { connectionFlags, timeoutFlag } from "../internal/connecting.ts"

export const groupStates = ["Stable", "Empty", "Dead", "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling"] as const
export const groupTypes = ["classic", "consumer"] as const

export const groupFlags = {
  "group": { type: "text", value: "ID", isList: true, short: "g", of: ["describe", "reset", "delete"], help: "The group; also as the bare word." },
  "all-groups": { type: "switch", of: ["describe", "reset", "delete"], help: "All groups." },
  "state": { type: "optional", value: "STATES", oneOf: groupStates, of: ["list", "describe"], help: "describe: state and coordinator. list: the states too, or only groups in these." },
  "type": { type: "optional", value: "TYPES", oneOf: groupTypes, of: ["list"], help: "The types too, or only groups of these: classic, consumer." },
  "offsets": { type: "switch", of: ["describe"], help: "Committed offsets and lag: the default." },
  "members": { type: "switch", of: ["describe"], help: "The members." },
  "verbose": { type: "switch", of: ["describe"], help: "Also assignments and epochs." },
  "topic": { type: "text", value: "NAME[:0,1]", isList: true, of: ["reset"], help: "Only this topic, or some partitions of it." },
  "all-topics": { type: "switch", of: ["reset"], help: "Every topic that the group has committed offsets of." },
  "to-earliest": { type: "switch", of: ["reset"], help: "To the first record." },
  "to-latest": { type: "switch", of: ["reset"], help: "Behind the last record." },
  "to-current": { type: "switch", of: ["reset"], help: "To the committed offset, or the end where there is none." },
  "to-offset": { type: "integer", value: "N", of: ["reset"], help: "To an offset, within what the log has." },
  "to-datetime": { type: "text", value: "TIME", of: ["reset"], help: "To the first record from a time on: 2026-01-31T12:00:00.000, UTC unless it says otherwise." },
  "by-duration": { type: "text", value: "PnDTnHnMnS", of: ["reset"], help: "To the first record of the last hours, days …: PT1H30M, P7D." },
  "shift-by": { type: "integer", value: "±N", of: ["reset"], help: "Forward, or back with a minus." },
  "from-file": { type: "text", value: "FILE", isList: true, of: ["reset"], help: "To the offsets of a CSV file, as --export writes it." },
  "dry-run": { type: "switch", of: ["reset"], help: "Only print the new offsets: the default." },
  "execute": { type: "switch", of: ["reset"], help: "Commit the new offsets." },
  "export": { type: "switch", of: ["reset"], help: "Print them as CSV." },
  ...connectionFlags,
  ...timeoutFlag
} as const

export type GroupArguments = Arguments<keyof typeof groupFlags>
