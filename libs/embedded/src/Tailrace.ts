import type { ListenAddress } from "@tailrace/kafka-listener"
import { BrokerConfig, BrokerConfigError } from "@tailrace/metadata"
import type { Node } from "@tailrace/node"
import { noLogger } from "@tailrace/runtime"
import { Background, effectLogger, Ports } from "@tailrace/runtime/effect"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { addressProblems } from "./addresses.ts"
import { checkOptions } from "./checkOptions.ts"
import { natsProblems } from "./natsOptions.ts"
import { Clients, Http, nodeLayer, NodeService, Settings } from "./layers.ts"
import { StartError } from "./StartError.ts"
import type { TailraceOptions } from "./TailraceOptions.ts"

/** A whole node in this process, by the code of production. */
export class Tailrace implements AsyncDisposable {
  /** Where clients connect. */
  readonly addresses: ReadonlyArray<ListenAddress>
  readonly httpAddress: { readonly host: string; readonly port: number } | undefined
  /** Rejects when the node cannot go on. It never resolves; nobody has to handle it. */
  readonly failed: Promise<never>
  readonly #node: Node
  readonly #close: () => Promise<void>

  private constructor(
    node: Node,
    addresses: ReadonlyArray<ListenAddress>,
    httpAddress: { readonly host: string; readonly port: number } | undefined,
    failed: Promise<never>,
    close: () => Promise<void>
  ) {
    this.#node = node
    this.addresses = addresses
    this.httpAddress = httpAddress
    this.failed = failed
    this.#close = close
  }

  /**
   * Resolves when the node serves. Rejects with `BrokerConfigError` (every wrong option or key at once), `DirectoryLockedError`,
   * `DirectoryDamagedError`, `MetadataDamagedError`, `MetadataMismatchError`, `StoreError`, `ProtocolError` where a newer version has
   * written the metadata, the system's error for an address that cannot be bound, or the reason of `signal`; nothing is left open then.
   */
  static async start(options: TailraceOptions = {}): Promise<Tailrace> {
    const faults = checkOptions(options)
    if (faults.length > 0) throw new BrokerConfigError(faults)
    const config = BrokerConfig.fromProperties(propertiesOf(options))
    if (config instanceof BrokerConfigError) throw config
    const problems = [...addressProblems(config), ...natsProblems(config)]
    if (problems.length > 0) throw new BrokerConfigError(problems)
    const settings = Layer.succeed(Settings, { config, storage: options.storage ?? "disk" })
    const logger = options.logger ?? noLogger
    const runtime = ManagedRuntime.make(nodeLayer.pipe(
      Layer.provideMerge(Background.layer),
      Layer.provideMerge(effectLogger(logger)),
      Layer.provideMerge(Ports.layerSystem(logger)),
      Layer.provideMerge(settings)
    ))
    try {
      const parts = await runtime.runPromise(Effect.all({
        node: NodeService,
        clients: Clients,
        http: Http,
        background: Background
      }), { signal: options.signal })
      const failed = new Promise<never>((_, reject) => {
        void runtime.runPromiseExit(FiberSet.join(parts.background)).then((exit) => {
          // Closing interrupts what runs in the background, which is no failure.
          if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) reject(Cause.squash(exit.cause))
        })
      })
      failed.catch(() => undefined)
      return new Tailrace(parts.node, parts.clients.addresses, parts.http.server, failed, () => runtime.dispose())
    } catch (cause) {
      await runtime.dispose()
      if (cause instanceof StartError) throw cause.cause
      throw options.signal?.aborted === true ? options.signal.reason : cause
    }
  }

  /** `host:port` of every listener, as clients take it. */
  get bootstrapServers(): string {
    return this.addresses.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(",")
  }

  get clusterId(): string {
    return this.#node.clusterId
  }

  get nodeId(): number {
    return this.#node.nodeId
  }

  /** Lets requests in flight finish, makes everything durable and gives the data directory back. */
  close(): Promise<void> {
    return this.#close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}

/** In a program there is no health server unless it asks for one: several nodes may live side by side. */
function propertiesOf({ port, properties = {} }: TailraceOptions): ReadonlyMap<string, string> {
  const given = new Map(properties instanceof Map ? properties : Object.entries(properties)) as Map<string, string>
  if (port !== undefined && !given.has("listeners")) given.set("listeners", `PLAINTEXT://localhost:${port}`)
  if (!given.has("http.listener")) given.set("http.listener", "")
  return given
}
