/** One traced system call, or one end of it. Events are in the order in which strace saw them. */
export interface TraceEvent {
  readonly kind: "enter" | "exit"
  readonly thread: number
  readonly call: string
  /** The whole text of the call's arguments, with strace's names for file descriptors. */
  readonly text: string
  readonly result: number | undefined
}

const linePattern = /^(\d+)\s+[\d.]+ (.*)$/
const resumedPattern = /^<\.\.\. (\w+) resumed>(.*?)(?:\)\s+= (-?\d+|\?).*)?$/s
const callPattern = /^(\w+)\((.*)$/s

/** Splits strace's lines (`-f -ttt`) into enters and exits; a call on one line was neither interrupted nor overtaken. */
export function parseStraceLog(log: string): TraceEvent[] {
  const events: TraceEvent[] = []
  const unfinished = new Map<string, string>()
  for (const line of log.split("\n")) {
    const found = linePattern.exec(line)
    if (found === null) continue
    const thread = Number(found[1])
    const rest = found[2]!
    const resumed = resumedPattern.exec(rest)
    if (resumed !== null) {
      const key = `${thread} ${resumed[1]}`
      const text = (unfinished.get(key) ?? "") + resumed[2]!
      unfinished.delete(key)
      events.push({ kind: "exit", thread, call: resumed[1]!, text, result: resultOf(rest) })
      continue
    }
    const call = callPattern.exec(rest)
    if (call === null) continue
    const name = call[1]!
    const isUnfinished = rest.endsWith("<unfinished ...>")
    const text = call[2]!
    events.push({ kind: "enter", thread, call: name, text, result: undefined })
    if (isUnfinished) unfinished.set(`${thread} ${name}`, text)
    else events.push({ kind: "exit", thread, call: name, text, result: resultOf(rest) })
  }
  return events
}

function resultOf(text: string): number | undefined {
  const found = /\)\s+= (-?\d+)(?: [^=]*)?$/.exec(text)
  return found === null ? undefined : Number(found[1])
}
