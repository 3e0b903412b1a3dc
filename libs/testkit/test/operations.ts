import type { Operation, OperationMeta, OperationRecord } from "../src/index.ts"

/** Numbers operations that are written down one behind the other; each takes one millisecond unless it says otherwise. */
export const sequence = (operations: ReadonlyArray<Partial<Operation> & Pick<Operation, "process" | "f">>): ReadonlyArray<Operation> =>
  operations.map((operation, at) => ({
    type: "ok", invokeMillis: at * 10, completeMillis: at * 10 + 5, invokeIndex: at * 2, completeIndex: at * 2 + 1,
    records: [], marks: [], keys: [], meta: {}, ...operation
  }))

export const key = "orders/0"

type Place = readonly [offset: number, value: string]

const recordsOf = (places: ReadonlyArray<Place>, step?: "send" | "poll"): ReadonlyArray<OperationRecord> =>
  places.map(([offset, value]) => ({ key, offset, value, ...(step === undefined ? {} : { step }) }))

export const send = (process: string, places: ReadonlyArray<Place>, other: Partial<Operation> = {}) =>
  ({ process, f: "send", records: recordsOf(places), ...other, meta: { isIdempotent: true, ...other.meta } }) as const

export const poll = (process: string, places: ReadonlyArray<Place>, meta: OperationMeta = {}, other: Partial<Operation> = {}) =>
  ({ process, f: "poll", records: recordsOf(places), meta, ...other }) as const

export const txn = (
  process: string, steps: ReadonlyArray<readonly [step: "send" | "poll", partition: string, offset: number, value: string]>, other: Partial<Operation> = {}
) => ({
  process, f: "txn", ...other, meta: { isIdempotent: true, isolation: "read_committed", ...other.meta },
  records: steps.map(([step, name, offset, value]) => ({ step, key: name, offset, value }))
}) as const

/** A fresh reader of the whole partition. */
export const drain = (process: string, places: ReadonlyArray<Place>, end = places.length, control = 0) => [
  poll(process, places, { isDrain: true }),
  {
    process, f: "drain", marks: [
      { kind: "start", key, offset: 0 }, { kind: "end", key, offset: end },
      ...control === 0 ? [] : [{ kind: "control", key, offset: 0, count: control }]
    ]
  }
] as ReadonlyArray<Partial<Operation> & Pick<Operation, "process" | "f">>
