import { createInterface } from "node:readline"

/**
 * The contract of all drivers, in every language: `driver HOST:PORT`, one job per line of standard input, its words separated by
 * tabs (`produce`, `consume`, `group`, then `name=value`), one JSON object per line of standard output. Jobs run one after another;
 * only `leave` is taken at once and ends the running `group` job. End of input ends the driver.
 *
 *   produce  id topic records codec acks            writes the records of a file (see src/Records.ts) to partition = lane
 *   consume  id assign out timeout-ms               assign = topic:partition:from:until, comma-separated; lane = place in that list
 *   group    id topic group out session-ms max-records    max-records 0 = until `leave`; commits what it has written to `out`
 *
 * Events: ready {version}; assignment {id, partitions}: the whole assignment whenever it has changed; done {id, count}; error {id, message}.
 */
export interface Job {
  readonly op: string
  readonly id: number
  text(name: string): string
  number(name: string): number
}

export interface Assigned { readonly topic: string; readonly partition: number; readonly from: number; readonly until: number }

/** Set while a group job runs: `leave` and the end of input call it. */
export const group: { leave: () => void } = { leave: () => {} }

export function emit(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

export async function serve(run: (job: Job) => Promise<number>): Promise<void> {
  let last = Promise.resolve()
  for await (const line of createInterface({ input: process.stdin })) {
    const job = parse(line)
    if (job.op === "leave") group.leave()
    else last = last.then(() => run(job)).then(
      (count) => emit({ id: job.id, event: "done", count }),
      (error: unknown) => emit({ id: job.id, event: "error", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
    )
  }
  group.leave()
  await last
  process.exit(0)
}

function parse(line: string): Job {
  const [op = "", ...words] = line.split("\t")
  const values = new Map(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]))
  const text = (name: string): string => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`${op} lacks ${name}`)
    return value
  }
  return { op, id: Number(values.get("id") ?? -1), text, number: (name) => Number(text(name)) }
}

export function assignedOf(job: Job): Assigned[] {
  return job.text("assign").split(",").map((item) => {
    const [topic = "", partition, from, until] = item.split(":")
    return { topic, partition: Number(partition), from: Number(from), until: Number(until) }
  })
}
