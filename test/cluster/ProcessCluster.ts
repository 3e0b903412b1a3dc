import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ClusterClient } from "./ClusterClient.ts"
import type { ClusterKind } from "./ClusterKind.ts"
import { ClusterNode } from "./ClusterNode.ts"
import type { Layout, NetworkFaults } from "./Layout.ts"
import { Ledger } from "./Ledger.ts"
import { LoopbackLayout } from "./LoopbackLayout.ts"
import { NamespaceLayout } from "./NamespaceLayout.ts"

export interface ClusterOptions {
  readonly kind: ClusterKind
  /** How many nodes; their ids count from 1. */
  readonly nodes?: number
  readonly layout?: Layout["name"]
  /** Lines of server.properties for every node. */
  readonly properties?: Readonly<Record<string, string>>
  /** Gives every node a disk of this size in memory, which can be filled. */
  readonly diskMebibytes?: number
  /** Where data and logs go, kept afterwards; a temporary directory that is deleted where it is not given. */
  readonly directory?: string
}

const clusterMillisMax = 60_000

/** A cluster of real processes on this machine, which end with us, however we end. */
export class ProcessCluster {
  readonly kind: ClusterKind
  readonly directory: string
  readonly layout: Layout
  readonly nodes: ReadonlyArray<ClusterNode>
  readonly client: ClusterClient
  #ledger: Ledger
  #isClosed = false

  private constructor(options: ClusterOptions, directory: string, layout: Layout, ledger: Ledger) {
    this.kind = options.kind
    this.directory = directory
    this.layout = layout
    this.#ledger = ledger
    const nodeIds = nodeIdsOf(options)
    const clusterName = `test-${randomBytes(4).toString("hex")}`
    this.nodes = nodeIds.map((nodeId) => {
      const nodeDirectory = join(directory, `node${nodeId}`)
      mkdirSync(nodeDirectory, { recursive: true })
      return new ClusterNode(options.kind, { clusterName, nodeId, nodeIds, directory: nodeDirectory, layout, properties: options.properties ?? {} }, ledger, options.diskMebibytes)
    })
    this.client = new ClusterClient(this.nodes.map((node) => node.kafka))
  }

  /** Makes the places for the nodes without starting any. */
  static async create(options: ClusterOptions): Promise<ProcessCluster> {
    Ledger.sweep()
    const ledger = new Ledger(`${process.pid}-${randomBytes(4).toString("hex")}`)
    try {
      const directory = options.directory ?? mkdtempSync(join(tmpdir(), `tailrace-${options.kind.id}-`))
      if (options.directory === undefined) ledger.add("directories", directory)
      const layout = options.layout === "namespaces" ? NamespaceLayout.create(nodeIdsOf(options), ledger) : await LoopbackLayout.create(nodeIdsOf(options))
      return new ProcessCluster(options, directory, layout, ledger)
    } catch (error) {
      ledger.close()
      throw error
    }
  }

  /** A cluster whose nodes all answer and all know each other. */
  static async start(options: ClusterOptions): Promise<ProcessCluster> {
    const cluster = await ProcessCluster.create(options)
    try {
      await cluster.startAll()
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  get bootstrap(): string {
    return this.nodes.map((node) => node.address).join(",")
  }

  node(id: number): ClusterNode {
    const found = this.nodes.find((node) => node.id === id)
    if (found === undefined) throw new Error(`there is no node ${id}`)
    return found
  }

  get network(): NetworkFaults {
    if (this.layout.faults === undefined) throw new Error("a network on loopback cannot be broken: start the cluster with layout \"namespaces\"")
    return this.layout.faults
  }

  /** Starts every node that is not running and waits until each of them sees all. */
  async startAll(): Promise<void> {
    await Promise.all(this.nodes.filter((node) => !node.process.isRunning).map((node) => node.spawn()))
    await Promise.all(this.nodes.map((node) => node.ready()))
    await this.allKnown()
  }

  /** Every node's metadata names every node. */
  async allKnown(millisMax = clusterMillisMax): Promise<void> {
    for (const node of this.nodes) {
      const own = new ClusterClient([node.kafka])
      try {
        await own.until(`node ${node.id} knows all nodes`, millisMax, (view) => view.brokers.length === this.nodes.length, [])
      } finally {
        own.close()
      }
    }
  }

  async killAll(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()))
  }

  /** Everything whole again: no network fault, nothing paused, everything running, every replica in sync. */
  async heal(millisMax = 120_000): Promise<void> {
    this.layout.faults?.heal()
    for (const node of this.nodes) {
      node.bus?.resume()
      node.resume()
      await node.endFlushFault()
      if (node.bus?.isRunning === false) await node.startBus()
    }
    await this.startAll()
    await this.client.isrFull(undefined, millisMax)
  }

  /** Ends every process and takes back whatever was made; the directory stays where it was given. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.client.close()
    await Promise.all(this.nodes.map((node) => node.close()))
    this.layout.close()
    this.#ledger.close()
  }

  /** Keeps data and logs for inspection, also where they would have been deleted. */
  keepDirectory(): void {
    this.#ledger.remove("directories", this.directory)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Deletes a directory that was given, when its owner needs it no more. */
  deleteDirectory(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

const nodeIdsOf = (options: ClusterOptions): number[] => Array.from({ length: options.nodes ?? 3 }, (_, index) => index + 1)
