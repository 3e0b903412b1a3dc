import type { TraceEvent } from "./straceLog.ts"

const flushCalls = new Set(["fdatasync", "fsync", "msync"])
const socketWriteCalls = new Set(["write", "writev", "sendto", "sendmsg"])
const fileWriteCalls = new Set(["write", "writev", "pwrite64", "pwritev", "pwritev2"])

/**
 * Checks each marked produce in the trace: its bytes are written to a file, a flush begins after that and returns with success, and only then
 * something is written to the socket on which it came. Throws at the first that was answered too early.
 */
export function checkAnswerOrder(events: ReadonlyArray<TraceEvent>, markersByPort: ReadonlyMap<number, ReadonlyArray<string>>): string {
  let checked = 0
  let seenWritten = 0
  for (const [port, markers] of markersByPort) {
    for (const marker of markers) {
      if (checkOne(events, marker, (text) => /^\d+<TCP(?:v6)?:\[(.*?)\]>/.exec(text)?.[1]?.endsWith(`:${port}`) ?? false)) seenWritten += 1
      checked += 1
    }
  }
  const flushes = events.filter((event) => event.kind === "exit" && flushCalls.has(event.call)).length
  return `${checked} produces, ${seenWritten} of them seen on their way to a file, ${flushes} flushes`
}

/** Returns whether the bytes were seen on their way to a file. */
function checkOne(events: ReadonlyArray<TraceEvent>, marker: string, isItsSocket: (text: string) => boolean): boolean {
  const written = events.findIndex((event) => event.kind === "enter" && fileWriteCalls.has(event.call) && !isSocket(event.text) && event.text.includes(marker))
  // A store that writes through a memory map shows no write of the data; then the flush has to begin after the request was read.
  const received = events.findIndex((event) => event.kind === "exit" && event.call.startsWith("re") && isItsSocket(event.text) && event.text.includes(marker))
  if (received < 0) throw new Error(`the trace has no read of ${marker}: is the trace complete?`)
  const answered = events.findIndex((event, index) => index > received && event.kind === "enter" && socketWriteCalls.has(event.call) && isItsSocket(event.text))
  if (answered < 0) throw new Error(`the trace has no answer to ${marker}`)
  if (written > answered) throw new Error(`${marker} was answered before it was written`)
  const from = Math.max(written, received)
  const began = events.findIndex((event, index) => index > from && event.kind === "enter" && flushCalls.has(event.call))
  if (began < 0 || began > answered) throw new Error(`${marker} was answered, and no flush began between its write and the answer`)
  const isCovered = events.some((event, index) => index > from && index < answered && event.kind === "enter" && flushCalls.has(event.call) && endOf(events, index) < answered)
  if (!isCovered) throw new Error(`${marker} was answered before the flush that covers it returned`)
  return written >= 0
}

const isSocket = (text: string): boolean => /^\d+<(TCP|UNIX|pipe|socket|anon_inode)/.test(text)

/** Where the call that enters at `index` returns with success. */
function endOf(events: ReadonlyArray<TraceEvent>, index: number): number {
  const enter = events[index]!
  const end = events.findIndex((event, at) => at > index && event.kind === "exit" && event.thread === enter.thread && event.call === enter.call)
  return end >= 0 && events[end]!.result === 0 ? end : Number.POSITIVE_INFINITY
}

