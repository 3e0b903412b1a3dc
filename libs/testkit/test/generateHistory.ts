import { SeededRandom } from "@tailrace/runtime/simulated"
import { History, type Operation, type OpenOperation, type OperationRecord } from "../src/index.ts"

interface Partition {
  readonly key: string
  /** What each offset holds; null for a control record. */
  readonly log: Array<string | null>
  epoch: number
}

interface OpenSend {
  readonly operation: OpenOperation
  readonly partition: Partition
  readonly value: string
}

interface Reader {
  readonly process: string
  readonly positions: Map<string, number>
  readonly group: string | undefined
  generation: number
}

/** What correct clients of a correct cluster could have done: every choice by the seed. */
export class HistoryGenerator {
  readonly #random: SeededRandom
  readonly #partitions: ReadonlyArray<Partition>
  readonly #open = new Map<string, Array<OpenSend>>()
  readonly #readers: Array<Reader> = []
  readonly #committed = new Map<string, number>()
  readonly #history: History
  #millis = 0
  #generation = 0
  #values = 0

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
    this.#history = new History({ monotonicMillis: () => this.#millis })
    this.#partitions = ["x/0", "x/1", "x/2"].map((key) => ({ key, log: [], epoch: 1 }))
    for (const process of ["reader-1", "reader-2"]) {
      this.#readers.push({ process, positions: new Map(this.#partitions.map(({ key }) => [key, 0])), group: undefined, generation: -1 })
      this.#history.record({ process, f: "assign", keys: this.#partitions.map(({ key }) => key), meta: { mode: "assign" } })
    }
    for (const process of ["member-1", "member-2"]) this.#readers.push({ process, positions: new Map(), group: "g", generation: -1 })
  }

  static generate(seed: number, steps = 400, drained = true): ReadonlyArray<Operation> {
    const generator = new HistoryGenerator(seed)
    generator.#rebalance()
    for (let step = 0; step < steps; step++) generator.#step()
    generator.#end(drained)
    return generator.#history.operations
  }

  #step(): void {
    this.#millis += this.#random.nextInt(5)
    const choice = this.#random.nextInt(100)
    if (choice < 35) this.#beginSend()
    else if (choice < 65) this.#endSend()
    else if (choice < 83) this.#poll(this.#pick(this.#readers))
    else if (choice < 88) this.#commit(this.#pick(this.#readers))
    else if (choice < 91) this.#committedOf()
    else if (choice < 96) this.#lookUp()
    else if (choice < 98) this.#rebalance()
    else this.#elect()
  }

  #pick<T>(list: ReadonlyArray<T>): T {
    return list[this.#random.nextInt(list.length)] as T
  }

  #beginSend(): void {
    const process = `producer-${this.#random.nextInt(3)}`
    const partition = this.#pick(this.#partitions)
    const value = `v${this.#values++}`
    const operation = this.#history.invoke({
      process, f: "send", records: [{ key: partition.key, offset: -1, value }], meta: { acks: "all", isIdempotent: true }
    })
    this.#open.set(process, [...this.#open.get(process) ?? [], { operation, partition, value }])
  }

  #endSend(): void {
    const open = this.#pick([...this.#open.values(), []])
    const send = open.shift()
    if (send === undefined) return
    const { operation, partition: { key, log }, value } = send
    const luck = this.#random.nextInt(20)
    if (luck === 0) return void operation.complete({ type: "fail", error: "NOT_ENOUGH_REPLICAS", errorCode: 19 })
    if (luck !== 1) log.push(value)
    if (luck <= 2) return void operation.complete({ type: "info", error: "timeout" })
    operation.complete({ type: "ok", records: [{ key, offset: log.length - 1, value }] })
  }

  #read({ key, log }: Partition, from: number, countMax: number): ReadonlyArray<OperationRecord> {
    const records: Array<OperationRecord> = []
    for (let offset = from; offset < log.length && records.length < countMax; offset++) {
      const value = log[offset]
      if (value != null) records.push({ key, offset, value })
    }
    return records
  }

  #poll(reader: Reader): void {
    const operation = this.#history.invoke({ process: reader.process, f: "poll", meta: reader.group === undefined ? {} : { group: reader.group } })
    const records = this.#partitions.filter(({ key }) => reader.positions.has(key)).flatMap((partition) => {
      const found = this.#read(partition, reader.positions.get(partition.key) ?? 0, 1 + this.#random.nextInt(8))
      const last = found.at(-1)
      if (last !== undefined) reader.positions.set(partition.key, last.offset + 1)
      return found
    })
    operation.complete({ type: "ok", records })
  }

  #commit(reader: Reader): void {
    if (reader.group === undefined || reader.positions.size === 0) return
    const marks = [...reader.positions].map(([key, offset]) => ({ kind: "committed" as const, key, offset }))
    const operation = this.#history.invoke({ process: reader.process, f: "commit", marks, meta: { group: reader.group, generation: reader.generation } })
    if (reader.generation !== this.#generation) return void operation.complete({ type: "fail", error: "ILLEGAL_GENERATION" })
    const luck = this.#random.nextInt(8)
    if (luck !== 0) for (const { key, offset } of marks) this.#committed.set(key, offset)
    operation.complete({ type: luck < 2 ? "info" : "ok" })
  }

  #committedOf(): void {
    const { key } = this.#pick(this.#partitions)
    this.#history.record({
      process: "admin", f: "committed", meta: { group: "g" }, marks: [{ kind: "committed", key, offset: this.#committed.get(key) ?? -1 }]
    })
  }

  #lookUp(): void {
    const { key, log, epoch } = this.#pick(this.#partitions)
    const operation = this.#history.invoke({ process: "admin", f: "offsets" })
    operation.complete({ type: "ok", marks: [{ kind: "end", key, offset: log.length, leaderEpoch: epoch }] })
  }

  /** Some members move on at once, the others stay in the old generation until the next time. */
  #rebalance(): void {
    this.#generation++
    const members = this.#readers.filter(({ group }) => group !== undefined)
    const moving = members.slice(this.#random.nextInt(members.length))
    moving.forEach((member, at) => {
      member.generation = this.#generation
      const keys = this.#partitions.filter((_, index) => index % moving.length === at).map(({ key }) => key)
      member.positions.clear()
      for (const key of keys) member.positions.set(key, this.#committed.get(key) ?? 0)
      this.#history.record({ process: member.process, f: "assign", keys, meta: { mode: "subscribe", group: "g", generation: this.#generation } })
    })
  }

  #elect(): void {
    const partition = this.#pick(this.#partitions)
    partition.epoch++
    // Somebody's marker: an offset without data.
    partition.log.push(null)
  }

  #end(drained: boolean): void {
    for (const open of this.#open.values()) while (open.length > 0) this.#endSendOf(open)
    this.#millis += 100_000
    for (const partition of drained ? this.#partitions : []) {
      const process = `drain-${partition.key}`
      const { key, log, epoch } = partition
      const drain = this.#history.invoke({ process, f: "drain", keys: [key] })
      for (let at = 0; at < log.length; at += 50) {
        const records = this.#read({ ...partition, log: log.slice(0, at + 50) }, at, 50)
        this.#history.record({ process, f: "poll", records, marks: [{ kind: "highWatermark", key, offset: log.length, leaderEpoch: epoch }], meta: { isDrain: true } })
      }
      const control = log.filter((value) => value === null).length
      drain.complete({
        type: "ok", marks: [{ kind: "start", key, offset: 0 }, { kind: "end", key, offset: log.length, leaderEpoch: epoch }, { kind: "control", key, offset: 0, count: control }]
      })
    }
    if (!drained) for (const reader of this.#readers) for (let round = 0; round < 200; round++) this.#poll(reader)
  }

  #endSendOf(open: Array<OpenSend>): void {
    open.shift()?.operation.complete({ type: "info", error: "closed" })
  }
}
