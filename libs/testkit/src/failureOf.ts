import { ClientError, type ClientErrorReason, KafkaError } from "@tailrace/client"
import { classifyError } from "./classifyError.ts"
import type { Completion } from "./History.ts"

/** The client gave up before it sent anything, or the call only reads. */
const failedReasons: ReadonlySet<ClientErrorReason> = new Set([
  "unsupported", "configuration", "buffer-full", "record-too-large", "no-offset", "not-assigned", "limit", "corrupt-records", "in-use"
])

/** How an operation ended that our client refused with an error. Anything but a client's error is a fault of the caller. */
export const failureOf = (error: unknown): Completion & { readonly type: "fail" | "info"; readonly error: string } => {
  if (error instanceof KafkaError) return { type: classifyError(error.errorCode), errorCode: error.errorCode, error: error.codeName }
  if (error instanceof ClientError) return { type: failedReasons.has(error.reason) ? "fail" : "info", error: error.reason }
  throw error
}
