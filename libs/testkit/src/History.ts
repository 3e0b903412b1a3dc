import type { Clock } from "@tailrace/runtime"
import type { OffsetMark, Operation, OperationKind, OperationMeta, OperationRecord, Outcome } from "./Operation.ts"

/** What is known of an operation when it begins. */
export interface Invocation {
  readonly process: string
  readonly f: OperationKind
  readonly records?: ReadonlyArray<OperationRecord>
  readonly marks?: ReadonlyArray<OffsetMark>
  readonly keys?: ReadonlyArray<string>
  readonly meta?: OperationMeta
}

/** What is known when it ends; what is left out stays as it was at the beginning. */
export interface Completion {
  readonly type: Outcome
  readonly records?: ReadonlyArray<OperationRecord>
  readonly marks?: ReadonlyArray<OffsetMark>
  readonly keys?: ReadonlyArray<string>
  readonly errorCode?: number
  readonly error?: string
  readonly meta?: OperationMeta
}

/** An operation under way. It is completed once. */
export interface OpenOperation {
  complete(completion: Completion): Operation
}

export interface HistoryOptions {
  /** Every operation as soon as it has ended: to be written down while the run goes on. */
  readonly onOperation?: (operation: Operation) => void
  /** Operations that one history holds; default 5,000,000. Beyond, `invoke` throws. */
  readonly operationsMax?: number
}

const operationsMaxDefault = 5_000_000

/**
 * What clients did and saw, in the order in which they began. Operations are only ever added. Those that are under way when the
 * history is read are `info`: nobody knows what became of them.
 */
export class History {
  readonly #clock: Pick<Clock, "monotonicMillis">
  readonly #onOperation: (operation: Operation) => void
  readonly #operationsMax: number
  /** An operation under way holds its place. */
  readonly #operations: Array<Operation> = []
  readonly #processes = new Set<string>()
  #open = 0
  #events = 0

  constructor(clock: Pick<Clock, "monotonicMillis">, options: HistoryOptions = {}) {
    this.#clock = clock
    this.#onOperation = options.onOperation ?? (() => undefined)
    this.#operationsMax = options.operationsMax ?? operationsMaxDefault
  }

  get size(): number {
    return this.#operations.length
  }

  /** Operations that have not ended. */
  get openOperations(): number {
    return this.#open
  }

  get operations(): ReadonlyArray<Operation> {
    return this.#operations
  }

  /**
   * The name, or one that begins with it where a process of this history has it already: two workloads that gave their processes the
   * same names would send each value twice, and mix up what their consumers read.
   */
  claimProcess(name: string): string {
    let free = name
    for (let serial = 2; this.#processes.has(free); serial++) free = `${name}.${serial}`
    this.#processes.add(free)
    return free
  }

  invoke(invocation: Invocation): OpenOperation {
    if (this.#operations.length >= this.#operationsMax) {
      throw new Error(`assertion: a history has at most ${this.#operationsMax} operations`)
    }
    const now = this.#clock.monotonicMillis()
    const begun: Operation = {
      process: invocation.process, f: invocation.f, type: "info", invokeMillis: now, completeMillis: now,
      invokeIndex: this.#events++, completeIndex: Number.MAX_SAFE_INTEGER,
      records: invocation.records ?? [], marks: invocation.marks ?? [], keys: invocation.keys ?? [], meta: invocation.meta ?? {}
    }
    const index = this.#operations.push(begun) - 1
    this.#processes.add(invocation.process)
    this.#open++
    let isOpen = true
    return {
      complete: (completion) => {
        if (!isOpen) throw new Error(`assertion: operation ${index} (${invocation.process} ${invocation.f}) ends twice`)
        isOpen = false
        this.#open--
        const ended: Operation = {
          ...begun, ...completion, completeMillis: this.#clock.monotonicMillis(), completeIndex: this.#events++,
          meta: { ...begun.meta, ...completion.meta }
        }
        this.#operations[index] = ended
        this.#onOperation(ended)
        return ended
      }
    }
  }

  /** An operation that takes no time, such as a fault or an assignment. */
  record(invocation: Invocation, completion: Completion = { type: "ok" }): Operation {
    return this.invoke(invocation).complete(completion)
  }
}
