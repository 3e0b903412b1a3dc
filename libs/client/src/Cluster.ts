import type { MetadataResponse } from "@tailrace/kafka-protocol"
import { ClientError } from "./ClientError.ts"
import { type ClientOptions, type HostAndPort, type ResolvedClientOptions, resolveClientOptions } from "./ClientOptions.ts"
import { Connection, type InputFor, type RequestOptions } from "./Connection.ts"
import { type ClientApi, findCoordinatorApi, metadataApi } from "./internal/apis.ts"
import { ClusterMetadata, type TopicMetadata } from "./internal/ClusterMetadata.ts"
import type { Timing } from "./internal/Timing.ts"
import { KafkaError } from "./KafkaError.ts"

/** Where a request goes: a broker's id, the controller, or whichever broker is at hand. */
export type Target = number | "any" | "controller"

/** Long polls and heartbeats must not wait behind each other, so each kind of work has its own connection to a broker. */
export type Purpose = "main" | "fetch" | "group" | "join" | "produce"

/** So long a broker is asked last that could not be reached or ended a connection: about as long as a paused one stays away. */
const shunnedMillis = 5_000

/** What a string of the protocol may take. */
const nameBytesMax = 32_767

export interface CallOptions extends RequestOptions {
  readonly purpose?: Purpose
}

/**
 * What a client knows of a Kafka cluster, and its connections: brokers and topics, refreshed on demand; the leader of each
 * partition; one connection per broker and purpose, opened when first needed. Producers, consumers and admins may share one.
 */
export class Cluster {
  readonly options: ResolvedClientOptions
  /** The clock and the choices of everything that uses this cluster. */
  readonly timing: Timing
  readonly metadata = new ClusterMetadata()
  readonly #connections = new Map<string, Promise<Connection>>()
  /** Those that do not serve yet. */
  readonly #opening = new Set<Connection>()
  readonly #coordinators = new Map<string, number>()
  readonly #wanted = new Set<string>()
  #wantsAll = false
  #allowsCreation = false
  #bootstrap: Connection | undefined
  #nextServer = 0
  /** The broker that questions go to which any broker can answer. */
  #atHand: number | undefined
  #wantsOther = false
  /** Until when brokers whose connections failed are asked last. */
  readonly #shunnedUntilMillis = new Map<number, number>()
  #refreshing: Promise<void> = Promise.resolve()
  #nextRefresh: Promise<void> | undefined
  #isClosed = false
  #unreachable: Error | undefined

  constructor(options: ClientOptions) {
    this.options = resolveClientOptions(options)
    this.timing = this.options.timing
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Why no broker could be reached at the last try, undefined as soon as one can. */
  get unreachable(): Error | undefined {
    return this.#unreachable
  }

  /**
   * Asks for brokers and the named topics (null: all topics). Calls during a running refresh share the one after it.
   * With `allowsCreation` the broker may create missing topics, where it is configured to.
   */
  refresh(topics: ReadonlyArray<string> | null, options: { readonly allowsCreation?: boolean } = {}): Promise<void> {
    // One name that cannot be written would be the end of the question for all that are asked for with it.
    const wrong = topics?.findIndex((topic) => typeof topic !== "string" || Buffer.byteLength(topic) > nameBytesMax) ?? -1
    if (wrong >= 0) {
      return Promise.reject(new ClientError("configuration", `${String(topics?.[wrong]).slice(0, 100)} is not the name of a topic`))
    }
    if (topics === null) this.#wantsAll = true
    else for (const topic of topics) this.#wanted.add(topic)
    this.#allowsCreation ||= options.allowsCreation === true
    this.#nextRefresh ??= this.#refreshing.catch(() => undefined).then(() => {
      const wanted = this.#wantsAll ? null : [...this.#wanted]
      const allowsCreation = this.#allowsCreation
      this.#wanted.clear()
      this.#wantsAll = false
      this.#allowsCreation = false
      this.#nextRefresh = undefined
      this.#refreshing = this.#fetchMetadata(wanted, allowsCreation)
      return this.#refreshing
    })
    return this.#nextRefresh
  }

  /**
   * The same after what we know has turned out to be wrong. It asks another broker than the last time: one that is cut off from the
   * cluster but not from us would tell the same for ever.
   */
  refreshStale(topics: ReadonlyArray<string>): Promise<void> {
    this.#wantsOther = true
    return this.refresh(topics)
  }

  /** The metadata of a topic, asked for when it is not known or too old. Throws `KafkaError` when the topic stays missing. */
  topic(name: string, options: { readonly signal?: AbortSignal | undefined; readonly allowsCreation?: boolean; readonly waitMillis?: number } = {}): Promise<TopicMetadata> {
    const policy = { ...this.options, apiTimeoutMillis: options.waitMillis ?? this.options.apiTimeoutMillis }
    return this.timing.retry(policy, options, async (remainingMillis) => {
      const known = this.freshTopic(name)
      if (known !== undefined) return known
      const refreshed = this.refresh([name], options)
      try {
        await this.timing.within(refreshed, { signal: options.signal, millis: remainingMillis }, `metadata of ${name}`)
      } catch (error) {
        // Where the end of the time cuts a question short, what the answer before it said is the reason.
        const told = this.metadata.topic(name)
        if (told !== undefined && error instanceof ClientError && error.reason === "timeout") KafkaError.check(told.errorCode, name)
        throw error
      }
      return this.metadata.checkedTopic(name)
    })
  }

  /** The metadata of a topic when it is known, has no error and is not too old. */
  freshTopic(name: string): TopicMetadata | undefined {
    const topic = this.metadata.topic(name)
    if (topic === undefined || topic.errorCode !== 0) return undefined
    return this.timing.monotonicMillis() - topic.knownSinceMillis < this.options.metadataMaxAgeMillis ? topic : undefined
  }

  /** An open connection to a broker. */
  async connection(nodeId: number, purpose: Purpose = "main", signal?: AbortSignal): Promise<Connection> {
    this.#checkOpen()
    const server = this.metadata.broker(nodeId)
    if (server === undefined) throw new ClientError("disconnected", `broker ${nodeId} is not known`)
    const key = `${nodeId}/${purpose}`
    const existing = this.#connections.get(key)
    if (existing !== undefined) return this.timing.within(existing, { signal }, `connection to broker ${nodeId}`)
    const opening = this.#adoptBootstrap(server, purpose) ?? Connection.open(server, this.options, undefined, this.#opening)
    this.#connections.set(key, opening)
    const forget = (): void => {
      if (this.#connections.get(key) === opening) this.#connections.delete(key)
      this.#shunnedUntilMillis.set(nodeId, this.timing.monotonicMillis() + shunnedMillis)
    }
    opening.then((connection) => {
      connection.onClose(forget)
      this.#unreachable = undefined
      if (this.#isClosed) connection.close()
    }, forget)
    return this.timing.within(opening, { signal }, `connection to broker ${nodeId}`)
  }

  /** Calls a broker and retries while the connection is at fault. Error codes in the answer are for the caller. */
  call<Input, Output>(
    api: ClientApi<Input, Output>, target: Target, input: InputFor<Input>, options: CallOptions = {}
  ): Promise<Output> {
    return this.retry(options.signal, async () => {
      const connection = await this.#connectionTo(target, options.purpose, options.signal)
      return connection.request(api, input, options)
    })
  }

  /** Runs a whole step again while it fails with retriable errors, refreshing brokers when they may have moved. */
  retry<T>(signal: AbortSignal | undefined, attempt: (remainingMillis: number) => Promise<T>): Promise<T> {
    return this.timing.retry(this.options, { signal, onRetry: (error) => {
      if (!(error instanceof KafkaError) || error.isStaleMetadata) void this.refreshStale([]).catch(() => undefined)
    } }, (remainingMillis) => {
      this.#checkOpen()
      return attempt(remainingMillis)
    })
  }

  /** The broker that coordinates a group, remembered until {@link forgetCoordinator}. */
  async coordinator(groupId: string, signal?: AbortSignal): Promise<number> {
    const known = this.#coordinators.get(groupId)
    if (known !== undefined) return known
    return this.retry(signal, async () => {
      const connection = await this.#connectionTo("any", "main", signal)
      const response = await connection.request(findCoordinatorApi, (version) =>
        version >= 4 ? { keyType: 0, coordinatorKeys: [groupId] } : { key: groupId }, { signal })
      const found = response.coordinators[0] ?? response
      // A broker that does not know it, or names the wrong one, may be cut off: the next question goes to another.
      if (found.errorCode !== 0) this.#wantsOther = true
      KafkaError.check(found.errorCode, groupId, found.errorMessage)
      this.metadata.addBroker(found.nodeId, { host: found.host, port: found.port })
      this.#coordinators.set(groupId, found.nodeId)
      return found.nodeId
    })
  }

  /** Calls the coordinator of a group once, and looks for it anew next time when it cannot be reached. */
  async callCoordinator<Input, Output>(
    groupId: string, api: ClientApi<Input, Output>, input: InputFor<Input>, options: CallOptions = {}
  ): Promise<Output> {
    try {
      const connection = await this.connection(
        await this.coordinator(groupId, options.signal), options.purpose ?? "group", options.signal)
      return await connection.request(api, input, options)
    } catch (error) {
      if (error instanceof ClientError && error.isRetriable) this.forgetCoordinator(groupId)
      throw error
    }
  }

  /** It was wrong, so another broker is asked the next time, and which others there are may not be known yet. */
  forgetCoordinator(groupId: string): void {
    this.#coordinators.delete(groupId)
    void this.refreshStale([]).catch(() => undefined)
  }

  /** Brokers that are known, asked for when none is. */
  async brokerIds(signal?: AbortSignal): Promise<ReadonlyArray<number>> {
    if (this.metadata.brokers.size === 0) await this.retry(signal, () => this.refresh([]))
    return [...this.metadata.brokers.keys()]
  }

  /** An open connection to whatever broker is at hand. */
  anyConnection(signal?: AbortSignal): Promise<Connection> {
    return this.#connectionTo("any", "main", signal)
  }

  close(): void {
    this.#isClosed = true
    this.#bootstrap?.close()
    for (const connection of this.#opening) connection.close()
    for (const opening of this.#connections.values()) {
      opening.then((connection) => connection.close(), () => undefined)
    }
    this.#connections.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ClientError("closed", "the client is closed")
  }

  async #connectionTo(target: Target, purpose: Purpose = "main", signal?: AbortSignal): Promise<Connection> {
    if (typeof target === "number") {
      if (this.metadata.broker(target) === undefined) await this.refresh([])
      return this.connection(target, purpose, signal)
    }
    if (target === "controller") {
      if (this.metadata.brokers.size === 0) await this.refresh([])
      const { controllerId } = this.metadata
      if (this.metadata.broker(controllerId) !== undefined) return this.connection(controllerId, purpose, signal)
    }
    return this.#anyConnection(signal)
  }

  /** The connection to the bootstrap server while it lasts, then a known broker, then a bootstrap server again. */
  async #anyConnection(signal?: AbortSignal): Promise<Connection> {
    this.#checkOpen()
    const wantsOther = this.#wantsOther
    this.#wantsOther = false
    const isOpen = this.#bootstrap?.isOpen === true
    if (isOpen && !wantsOther) return this.#bootstrap as Connection
    for (const nodeId of this.#brokersToAsk(wantsOther)) {
      try {
        const connection = await this.connection(nodeId, "main", signal)
        this.#atHand = nodeId
        return connection
      } catch (error) {
        if (signal?.aborted === true || this.#isClosed) throw error
      }
    }
    if (this.#bootstrap?.isOpen === true) return this.#bootstrap
    return this.#openBootstrap(this.#nextServer++, signal)
  }

  /** Every known broker once: from the one at hand, or the one behind it, and at last those that failed a moment ago. */
  #brokersToAsk(wantsOther: boolean): ReadonlyArray<number> {
    const brokers = [...this.metadata.brokers.keys()]
    const at = brokers.indexOf(this.#atHand ?? -1)
    const start = at < 0 ? this.timing.choose(Math.max(1, brokers.length)) : at + Number(wantsOther)
    const now = this.timing.monotonicMillis()
    const isShunned = (nodeId: number): boolean => (this.#shunnedUntilMillis.get(nodeId) ?? 0) > now
    const inOrder = brokers.map((_, index) => brokers[(start + index) % brokers.length] as number)
    return [...inOrder.filter((nodeId) => !isShunned(nodeId)), ...inOrder.filter(isShunned)]
  }

  async #openBootstrap(start: number, signal?: AbortSignal): Promise<Connection> {
    const servers = this.options.bootstrapServers
    let failure: unknown
    for (let index = 0; index < servers.length; index++) {
      const server = servers[(start + index) % servers.length] as HostAndPort
      try {
        const connection = await Connection.open(server, this.options, signal, this.#opening)
        if (this.#isClosed) connection.close()
        this.#checkOpen()
        if (this.#bootstrap?.isOpen === true) {
          // Somebody else was faster. Nothing was sent on this one, and nobody would close it.
          connection.close()
          return this.#bootstrap
        }
        this.#bootstrap = connection
        this.#unreachable = undefined
        connection.onClose(() => {
          if (this.#bootstrap === connection) this.#bootstrap = undefined
        })
        return connection
      } catch (error) {
        if (signal?.aborted === true || this.#isClosed) throw error
        failure = error
      }
    }
    this.#unreachable = failure as Error
    throw failure
  }

  /** The connection to the bootstrap server becomes the one to that broker, which saves opening a second one. */
  #adoptBootstrap(server: HostAndPort, purpose: Purpose): Promise<Connection> | undefined {
    const bootstrap = this.#bootstrap
    if (bootstrap?.isOpen !== true || purpose !== "main") return undefined
    if (bootstrap.host !== server.host || bootstrap.port !== server.port) return undefined
    this.#bootstrap = undefined
    return Promise.resolve(bootstrap)
  }

  async #fetchMetadata(topics: ReadonlyArray<string> | null, allowsCreation: boolean): Promise<void> {
    const connection = await this.#anyConnection()
    const response: MetadataResponse = await connection.request(metadataApi, (version) => ({
      topics: topics?.map((name) => ({ name })) ?? null,
      ...(version >= 4 ? { allowAutoTopicCreation: allowsCreation } : {})
    }))
    KafkaError.check(response.errorCode)
    this.metadata.update(response, topics, this.timing.monotonicMillis())
  }
}
