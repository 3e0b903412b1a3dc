import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { pause } from "../bench/harness/network.ts"
import { type AnswerOf, type ApiName, decodeAnswer, encodeRequest, type InputOf } from "./codec.ts"
import { Wire } from "./Wire.ts"

/** Something that was sent, and what came of it. */
export interface Step {
  readonly name: string
  readonly api: ApiName | undefined
  readonly version: number
  readonly request: unknown
  answer: unknown
  /** Until the answer was there. */
  millis?: number
}

export interface AskOptions {
  /** Which of the script's connections; each name is one. */
  readonly on?: string
  readonly waitMillis?: number
  /** How the answer to bytes is to be read; without it only its length counts. */
  readonly as?: readonly [name: ApiName, version: number] | undefined
}

export type Versions = ReadonlyMap<number, { readonly min: number; readonly max: number }>

const answerMillisMax = 10_000

/** One server as a script sees it. Everything asked by `ask`, `send` and `note` is a step, to be compared with the other server's. */
export class Peer {
  readonly port: number
  readonly title: string
  readonly steps: Array<Step> = []
  readonly #versions: Versions
  readonly #wires = new Map<string, Wire>()
  #correlationId = 0

  constructor(title: string, port: number, versions: Versions) {
    this.title = title
    this.port = port
    this.#versions = versions
  }

  /** The versions that both servers advertise, or the part of them from `min` to `max`. */
  versions(name: ApiName, min = 0, max = Infinity): number[] {
    const range = this.#versions.get(ApiKey[name])
    if (range === undefined) return []
    const all = Array.from({ length: range.max - range.min + 1 }, (_, index) => range.min + index)
    return all.filter((version) => version >= min && version <= max)
  }

  newest(name: ApiName): number {
    return this.#versions.get(ApiKey[name])?.max ?? 0
  }

  /** Asks in each common version; a version that cannot carry the request is left out. */
  async askAll<N extends ApiName>(label: string, name: N, input: InputOf<N> | ((version: number) => InputOf<N>), options: AskOptions = {}): Promise<void> {
    const inputOf = typeof input === "function" ? input as (version: number) => InputOf<N> : () => input
    for (const version of this.versions(name)) await this.ask(label, name, version, inputOf(version), options)
  }

  /** Asks once and answers the decoded tree; undefined where there was none. The step stands where it was asked, not where it was answered. */
  async ask<N extends ApiName>(label: string, name: N, version: number, input: InputOf<N>, options: AskOptions = {}): Promise<AnswerOf<N> | undefined> {
    const correlationId = ++this.#correlationId
    const frame = encodeRequest(name, version, correlationId, input)
    if (frame === undefined) return undefined
    const step: Step = { name: `${name} v${version} ${label}`, api: name, version, request: input, answer: "under way" }
    this.steps.push(step)
    const wire = await this.wire(options.on)
    const since = performance.now()
    wire.write(frame)
    const arrival = await wire.answer(correlationId, options.waitMillis ?? answerMillisMax)
    step.millis = performance.now() - since
    if (typeof arrival === "string") {
      step.answer = arrival
      // Nothing behind a request that is not answered would be answered either.
      if (arrival === "silent") this.drop(options.on ?? "main")
      return undefined
    }
    // A refused ApiVersions is always answered in version 0.
    const refused = name === "ApiVersions" && arrival.readInt16BE(4) === ErrorCode.UNSUPPORTED_VERSION
    const tree = decodeAnswer(name, refused ? 0 : version, arrival)
    step.answer = tree
    return tree as AnswerOf<N>
  }

  /** Asks what is not compared: preparations, and waiting for them to take hold. */
  async quietly<N extends ApiName>(name: N, input: InputOf<N>, version = this.newest(name), on = "quiet"): Promise<AnswerOf<N>> {
    const correlationId = ++this.#correlationId
    const wire = await this.wire(on)
    const frame = encodeRequest(name, version, correlationId, input)
    if (frame === undefined) throw new Error(`${name} v${version} cannot carry ${JSON.stringify(input)}`)
    wire.write(frame)
    const arrival = await wire.answer(correlationId, answerMillisMax)
    if (typeof arrival === "string") throw new Error(`${this.title}: ${name} v${version}: ${arrival}`)
    return decodeAnswer(name, version, arrival) as AnswerOf<N>
  }

  /** Asks until the answer is as wanted. */
  async until<N extends ApiName>(name: N, input: InputOf<N>, isWanted: (answer: AnswerOf<N>) => boolean, version = this.newest(name)): Promise<AnswerOf<N>> {
    const deadline = performance.now() + answerMillisMax
    for (;;) {
      const answer = await this.quietly(name, input, version)
      if (isWanted(answer)) return answer
      if (performance.now() > deadline) throw new Error(`${this.title}: ${name} never came right: ${JSON.stringify(answer)}`)
      await pause(20)
    }
  }

  /** Sends bytes as they are and notes what becomes of the connection: an answer's bytes, closed or silent. */
  async send(label: string, bytes: Uint8Array, correlationId: number, options: AskOptions = {}): Promise<void> {
    const step: Step = { name: `bytes: ${label}`, api: options.as?.[0], version: options.as?.[1] ?? 0, request: Buffer.from(bytes).toString("hex").slice(0, 200), answer: "under way" }
    this.steps.push(step)
    const wire = await this.wire(options.on ?? "raw")
    wire.write(bytes)
    const arrival = await wire.answer(correlationId, options.waitMillis ?? 5_000)
    step.answer = typeof arrival === "string" ? arrival : options.as === undefined ? { bytes: arrival.length } : decodeAnswer(...options.as, arrival)
  }

  /** A step that the script has seen by itself. */
  note(label: string, answer: unknown): void {
    this.steps.push({ name: label, api: undefined, version: 0, request: undefined, answer })
  }

  /** The connection of a name, opened anew when the server has closed it. */
  async wire(name = "main"): Promise<Wire> {
    const known = this.#wires.get(name)
    if (known !== undefined && !known.isClosed) return known
    const wire = await Wire.open(this.port)
    this.#wires.set(name, wire)
    return wire
  }

  nextCorrelationId(): number {
    return ++this.#correlationId
  }

  drop(name: string): void {
    this.#wires.get(name)?.close()
    this.#wires.delete(name)
  }

  close(): void {
    for (const wire of this.#wires.values()) wire.close()
    this.#wires.clear()
  }

  /** Creates a topic and waits until its leaders serve it. Answers its id. */
  async topic(name: string, partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
    const created = await this.quietly("CreateTopics", { topics: [{ name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs: entries }], timeoutMs: 20_000, validateOnly: false })
    if (created.topics[0]?.errorCode !== 0) throw new Error(`${this.title}: cannot create ${name}: ${JSON.stringify(created.topics)}`)
    await this.served(name, partitions)
    return created.topics[0].topicId
  }

  /** Waits until every partition of a topic is served. */
  async served(name: string, partitions: number): Promise<void> {
    const indexes = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 }))
    await this.until("ListOffsets", { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions: indexes }], timeoutMs: 1_000 },
      (answer) => answer.topics[0]!.partitions.every(({ errorCode }) => errorCode === 0))
  }
}
